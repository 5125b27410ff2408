/**
 * Owns one number that only grows.
 * Must never know what is counted, nor ever be reset: a change is the difference of two readings.
 */
import { assert } from '../assert.ts';

/** A total since it was made. */
export class Counter {
  #value = 0;

  /**
   * Adds to the total.
   *
   * @param amount a finite number of at least 0, after which the total is finite. Default 1
   * @throws AssertionError when it is anything else, which is a bug of the caller
   */
  add(amount = 1): void {
    const value = typeof amount === 'number' ? this.#value + amount : Number.NaN;
    assert(value < Infinity && amount >= 0, 'a counter grows by a finite number of at least 0, and stays finite');
    this.#value = value;
  }

  /** The total since it was made. */
  get value(): number {
    return this.#value;
  }
}
