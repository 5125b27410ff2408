/**
 * Owns the shape of the one look into a pool: what errors carry, exporters read, and the keeper plans from.
 * It must never know how a number came about, nor hold anything that changes later.
 */

/** How many live connections stand in each state; the sum is the pool's live size. */
export interface ConnectionCounts {
  readonly dialing: number;
  readonly idle: number;
  readonly checking: number;
  readonly leased: number;
  readonly resetting: number;
  readonly closing: number;
}

/** The bounds in force now, in connections. */
export interface SizeBounds {
  readonly min: number;
  readonly max: number;
}

/** The dial breaker as a reader sees it. `off` when the pool was made with `breaker: false`. */
export interface DialBreakerSnapshot {
  readonly state: 'closed' | 'open' | 'half-open' | 'isolated' | 'off';
  /** Since when it has not been closed, on the pool's clock, in ms; `undefined` while closed or off. */
  readonly notClosedSinceMs: number | undefined;
  /** How long until the next probe, in ms; `undefined` when none is due. */
  readonly retryAfterMs: number | undefined;
  /** The message of the last cause, secrets masked; `undefined` while closed or off. */
  readonly cause: string | undefined;
}

/** A frozen plain value: everything there is to see from outside, at one moment. Times in ms. */
export interface PoolSnapshot {
  readonly pool: string;
  readonly state: 'open' | 'suspended' | 'closing' | 'closed';
  /** The moment, on the pool's monotonic clock. */
  readonly atMs: number;
  readonly size: SizeBounds & { readonly absoluteMax: number };
  /** Sum of `connections`. */
  readonly live: number;
  readonly connections: ConnectionCounts;
  /** Driver calls given up on that have not settled yet; they hold no slot. */
  readonly abandoned: number;
  readonly waiting: number;
  readonly oldestWaitMs: number;
  /** Since when requests are served newest first and shed early, on the pool's clock; `undefined` when they are not. */
  readonly sheddingSinceMs: number | undefined;
  readonly oldestLeaseMs: number;
  /** Idle connections under suspicion: checked before they are lent again, however lately they worked. */
  readonly suspects: number;
  /** Most connections ever leased at once. */
  readonly peakLeased: number;
  /** Time-integral of the leased count since the start, in connection-milliseconds: two readings give a time-weighted mean. */
  readonly leasedTimeMs: number;
  /** Raised by `recycle()`; connections of an older generation end when they come home. */
  readonly generation: number;
  readonly breaker: DialBreakerSnapshot;
  /** Until when the server's "too many connections" holds growth back, on the pool's clock; `undefined` when it does not. */
  readonly overloadedUntilMs: number | undefined;
}
