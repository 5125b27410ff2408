/**
 * Owns the ticket that every dial needs: a bound that several pools may share.
 * It must never know what a ticket is spent on.
 */

/** A bounded supply of tickets, one per live connection. */
export interface Capacity {
  /** Takes a ticket; `false` when there is none. */
  tryTake(): boolean;
  /** Gives one ticket back. */
  give(): void;
}

/** The capacity of a pool that shares with nobody. */
export const unlimitedCapacity: Capacity = {
  tryTake: () => true,
  give: () => {},
};
