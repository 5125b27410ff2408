/**
 * Owns a snapshot for tests that have no pool: a quiet pool of three idle connections, and what the test makes of it.
 * It must never hold an expectation.
 */
import type { ConnectionCounts, DialBreakerSnapshot, PoolSnapshot } from '../src/snapshot.ts';

type Changes = Partial<Omit<PoolSnapshot, 'connections' | 'breaker' | 'size'>> & {
  readonly size?: Partial<PoolSnapshot['size']>;
  readonly connections?: Partial<ConnectionCounts>;
  readonly breaker?: Partial<DialBreakerSnapshot>;
};

const QUIET = { dialing: 0, idle: 3, checking: 0, leased: 0, resetting: 0, closing: 0 };
const CLOSED: DialBreakerSnapshot = {
  state: 'closed',
  notClosedSinceMs: undefined,
  retryAfterMs: undefined,
  cause: undefined,
};

/** A snapshot of a pool named `orders`. */
export function snapshotOf({ size, connections, breaker, ...changes }: Changes = {}): PoolSnapshot {
  const counts = { ...QUIET, ...connections };
  return Object.freeze({
    pool: 'orders',
    state: 'open',
    atMs: 0,
    size: { min: 3, max: 20, absoluteMax: 50, ...size },
    live: Object.values(counts).reduce((sum, count) => sum + count, 0),
    connections: counts,
    abandoned: 0,
    waiting: 0,
    oldestWaitMs: 0,
    sheddingSinceMs: undefined,
    oldestLeaseMs: 0,
    suspects: 0,
    peakLeased: 0,
    leasedTimeMs: 0,
    generation: 0,
    breaker: { ...CLOSED, ...breaker },
    overloadedUntilMs: undefined,
    ...changes,
  });
}
