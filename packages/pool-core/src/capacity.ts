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
  /** How many tickets are asked back: so many connections end as soon as nobody uses them. Default 0. */
  readonly recalled?: number;
  /** Called once by each pool, with whom to tell and ask; the answer ends that. */
  join?(taker: CapacityTaker): () => void;
}

/** A pool, as the supply that it takes tickets from sees it. */
export interface CapacityTaker {
  /** Requests that wait. */
  readonly waiting: number;
  /** Connections that nobody uses. */
  readonly idle: number;
  /** There may be a ticket now, or one is asked back: look at once. */
  changed(): void;
}

/** The capacity of a pool that shares with nobody. */
export const unlimitedCapacity: Capacity = {
  tryTake: () => true,
  give: () => {},
  recalled: 0,
};
