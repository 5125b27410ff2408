/**
 * Owns the shape of the one look into a pool: what errors carry, exporters read, and the keeper plans from.
 * It must never know how a number came about, nor hold anything that changes later.
 */

/** How many live connections stand in each state; the sum is the pool's live size. */
export interface ConnectionCounts {
  /** Being opened. */
  readonly dialing: number;
  /** Open and nobody's. */
  readonly idle: number;
  /** Being asked whether they work. */
  readonly checking: number;
  /** In the hands of callers. */
  readonly leased: number;
  /** Being cleaned after a lease. */
  readonly resetting: number;
  /** Saying goodbye. */
  readonly closing: number;
}

/** The bounds in force now, in connections. */
export interface SizeBounds {
  /** Kept open also when nobody asks. */
  readonly min: number;
  /** Most connections. */
  readonly max: number;
}

/** The dial breaker as a reader sees it. `off` when the pool was made with `breaker: false`. */
export interface DialBreakerSnapshot {
  /** `closed` while the server is asked as needed, `open` between probes, `half-open` while one is out. */
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
  /** The name of the pool. */
  readonly pool: string;
  /** `suspended` between `suspend()` and `resume()`; `closing` while leases are waited for. */
  readonly state: 'open' | 'suspended' | 'closing' | 'closed';
  /** The moment, on the pool's monotonic clock. */
  readonly atMs: number;
  /** The bounds in force now, in connections. */
  readonly size: SizeBounds & { readonly absoluteMax: number };
  /** Sum of `connections`. */
  readonly live: number;
  /** The live connections by what is going on with them. */
  readonly connections: ConnectionCounts;
  /** Driver calls given up on that have not settled yet; they hold no slot. */
  readonly abandoned: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
  /** How long the oldest of them has waited; 0 when nobody waits. */
  readonly oldestWaitMs: number;
  /** Since when requests are served newest first and shed early, on the pool's clock; `undefined` when they are not. */
  readonly sheddingSinceMs: number | undefined;
  /** How long the oldest lease has been held; 0 when there is none. */
  readonly oldestLeaseMs: number;
  /** Idle connections under suspicion: checked before they are lent again, however lately they worked. */
  readonly suspects: number;
  /** Most connections ever leased at once. */
  readonly peakLeased: number;
  /** Time-integral of the leased count since the start, in connection-milliseconds: two readings give a time-weighted mean. */
  readonly leasedTimeMs: number;
  /** Raised by `recycle()`; connections of an older generation end when they come home. */
  readonly generation: number;
  /** Whether the server is asked for connections at all. */
  readonly breaker: DialBreakerSnapshot;
  /** Until when the server's "too many connections" holds growth back, on the pool's clock; `undefined` when it does not. */
  readonly overloadedUntilMs: number | undefined;
}
