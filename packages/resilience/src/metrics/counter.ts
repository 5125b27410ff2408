/**
 * Owns one number that only grows.
 * Must never know what is counted, nor ever be reset: a change is the difference of two readings.
 */
import { assert } from '../assert.ts';

/** A total since it was made. */
export class Counter {
  #value = 0;

  /** @param amount a finite number of at least 0; anything else is a bug of the caller and throws. Default 1 */
  add(amount = 1): void {
    assert(amount >= 0 && amount < Infinity, 'a counter grows by a finite number of at least 0');
    this.#value += amount;
  }

  /** The total since it was made. */
  get value(): number {
    return this.#value;
  }
}
