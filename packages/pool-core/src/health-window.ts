/**
 * Owns the last minute of a pool: what its metrics added, and how much of it was in use, in six buckets of ten seconds.
 * It must never judge what it sees.
 */
import type { Histogram } from '@cryo/resilience';
import type { PoolMetrics } from './pool-metrics.ts';
import type { PoolSnapshot } from './snapshot.ts';

const BUCKET_MS = 10_000;
const BUCKETS = 6;

/** What happened within the window. */
export interface WindowView {
  /** In ms. */
  readonly acquireTime: Histogram;
  readonly timeouts: number;
  readonly errors: number;
  readonly dials: number;
  readonly leases: number;
  /** Time-weighted mean of leased / max; 0 when no time has passed. */
  readonly utilization: number;
}

/** Everything since the pool was made, at one moment. */
interface Totals {
  readonly acquireTime: Histogram;
  readonly timeouts: number;
  readonly errors: number;
  readonly dials: number;
  readonly leases: number;
  /** Integrals, in connection-milliseconds. */
  readonly leasedTimeMs: number;
  readonly capacityTimeMs: number;
  readonly atMs: number | undefined;
}

/**
 * Each bucket begins with the totals of the last tick before it; the window is now minus the first bucket's beginning.
 *
 * ```text
 *         |····10 s····|···|···|···|···|··now
 * totals  ▲ begins[0]                  ▲ begins[5]      window = totals now − begins[0]: 50 to 60 s
 * ```
 *
 * What happened between two ticks counts as having happened at the second. After a pause of any length all buckets begin
 * with the totals from before it, so that nothing older than the pause is left in the window.
 */
export class HealthWindow {
  readonly #metrics: PoolMetrics;
  #begins: readonly Totals[];
  #bucket: number | undefined;
  #latest: Totals;

  constructor(metrics: PoolMetrics) {
    this.#metrics = metrics;
    metrics.catchUp();
    const acquireTime = metrics.acquireTime.copy();
    const counts = { timeouts: 0, errors: 0, dials: 0, leases: 0 };
    this.#latest = { acquireTime, ...counts, leasedTimeMs: 0, capacityTimeMs: 0, atMs: undefined };
    this.#begins = [this.#latest];
  }

  tick(now: number, snapshot: PoolSnapshot): void {
    this.#roll(now);
    this.#latest = this.#totals(now, snapshot);
  }

  read(now: number, snapshot: PoolSnapshot): WindowView {
    this.#roll(now);
    const totals = this.#totals(now, snapshot);
    const since = this.#begins[0] ?? totals;
    const capacityMs = totals.capacityTimeMs - since.capacityTimeMs;
    return {
      acquireTime: totals.acquireTime.since(since.acquireTime),
      timeouts: totals.timeouts - since.timeouts,
      errors: totals.errors - since.errors,
      dials: totals.dials - since.dials,
      leases: totals.leases - since.leases,
      utilization: capacityMs > 0 ? (totals.leasedTimeMs - since.leasedTimeMs) / capacityMs : 0,
    };
  }

  /** Begins the buckets that time has reached since the last look. */
  #roll(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    const reached = Math.min(BUCKETS, bucket - (this.#bucket ?? bucket));
    this.#bucket = bucket;
    if (reached <= 0) return;
    const begun = Array<Totals>(reached).fill(this.#latest);
    this.#begins = [...this.#begins, ...begun].slice(-BUCKETS);
  }

  #totals(now: number, { leasedTimeMs, size }: PoolSnapshot): Totals {
    const metrics = this.#metrics;
    const latest = this.#latest;
    metrics.catchUp();
    const unchanged = metrics.acquireTime.count === latest.acquireTime.count;
    let errors = 0;
    for (const counter of Object.values(metrics.connectionErrors)) errors += counter.value;
    return {
      acquireTime: unchanged ? latest.acquireTime : metrics.acquireTime.copy(),
      timeouts: metrics.acquireTimeouts.value,
      errors,
      dials: metrics.dialAttempts.value,
      leases: metrics.leasesGranted.value,
      leasedTimeMs,
      capacityTimeMs: latest.capacityTimeMs + size.max * Math.max(0, now - (latest.atMs ?? now)),
      atMs: now,
    };
  }
}
