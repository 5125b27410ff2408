/**
 * Owns the tickets that the pool under test shares with pools that are not there.
 * It must never know what a ticket is spent on.
 */
import type { Capacity } from '@cryo/pool-core';

/** A bounded supply of tickets that knows how many are out. */
export class SharedCapacity implements Capacity {
  /** How many tickets there are. Fewer than are out: the others took them. */
  places: number;
  taken = 0;

  constructor(places: number) {
    this.places = places;
  }

  tryTake(): boolean {
    if (this.taken >= this.places) return false;
    this.taken++;
    return true;
  }

  give(): void {
    this.taken--;
  }
}
