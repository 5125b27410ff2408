/**
 * Owns the tickets that the pool under test shares with pools that are not there.
 * It must never know what a ticket is spent on.
 */
import type { Capacity, CapacityTaker } from '@cryo/pool-core';

/** A bounded supply of tickets that knows how many are out, and asks back what the others need. */
export class SharedCapacity implements Capacity {
  taken = 0;
  /** How many tickets there are. Fewer than are out: the others want some of those. */
  #places: number;
  #taker: CapacityTaker | undefined;

  constructor(places: number) {
    this.#places = places;
  }

  get recalled(): number {
    return Math.max(0, this.taken - this.#places);
  }

  get isJoined(): boolean {
    return this.#taker !== undefined;
  }

  join(taker: CapacityTaker): () => void {
    this.#taker = taker;
    return () => {
      this.#taker = undefined;
    };
  }

  tryTake(): boolean {
    if (this.taken >= this.#places) return false;
    this.taken++;
    return true;
  }

  give(): void {
    this.taken--;
  }

  /** So many tickets from now on. */
  allow(places: number): void {
    this.#places = places;
    this.#taker?.changed();
  }
}
