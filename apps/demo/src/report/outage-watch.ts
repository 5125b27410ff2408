/**
 * Owns what is measured of a window of chaos: dials within it, how fast requests failed, how soon they were served after.
 * It must never know which faults acted, nor cause one.
 */
import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { Histogram } from '@cryo/resilience';
import { listPools, mapPools, type PoolName, type Pools } from '../data/pools.ts';
import { rounded } from './pool-watch.ts';

/** Times in ms, as the service saw them. */
export interface OutageReport {
  readonly forMs: number;
  readonly dials: number;
  /** From healing to the first request served by any pool; `null` when none was. */
  readonly firstServedAfterHealingMs: number | null;
  /** Requests that were refused within the window, and how long that took. */
  readonly failedFastMs: { readonly count: number; readonly p50: number; readonly p95: number; readonly max: number };
  readonly byPool: Pools<{ readonly dials: number; readonly firstServedAfterHealingMs: number | null }>;
}

type Phase =
  | { readonly name: 'before' }
  | { readonly name: 'afflicted'; readonly sinceMs: number }
  | { readonly name: 'healed'; readonly sinceMs: number; readonly healedMs: number };

export class OutageWatch {
  #phase: Phase = { name: 'before' };
  readonly #pools: Pools<unknown>;
  readonly #dials = new Map<PoolName, number>();
  readonly #firstServedMs = new Map<PoolName, number>();
  readonly #refusedMs = new Histogram();

  /** @param pools which there are */
  constructor(pools: Pools<unknown>) {
    this.#pools = pools;
  }

  began(nowMs: number): void {
    this.#phase = { name: 'afflicted', sinceMs: nowMs };
  }

  healed(nowMs: number): void {
    if (this.#phase.name === 'afflicted')
      this.#phase = { name: 'healed', sinceMs: this.#phase.sinceMs, healedMs: nowMs };
  }

  dialed(pool: PoolName): void {
    if (this.#phase.name === 'afflicted') this.#dials.set(pool, (this.#dials.get(pool) ?? 0) + 1);
  }

  served(pool: PoolName, nowMs: number): void {
    if (this.#phase.name !== 'healed' || this.#firstServedMs.has(pool)) return;
    this.#firstServedMs.set(pool, rounded(nowMs - this.#phase.healedMs));
  }

  /** Only what the pool refused counts: a request that was lost on its way did not fail fast. */
  refused(error: unknown, afterMs: number): void {
    if (this.#phase.name !== 'afflicted') return;
    if (error instanceof ServerUnavailableError || error instanceof MisconfiguredError) this.#refusedMs.record(afterMs);
  }

  /** `undefined` when there was no window, or it is not over. */
  report(): OutageReport | undefined {
    if (this.#phase.name !== 'healed') return undefined;
    const { count, p50, p95, max } = this.#refusedMs.summary();
    const byPool = mapPools(this.#pools, (_, name) => ({
      dials: this.#dials.get(name) ?? 0,
      firstServedAfterHealingMs: this.#firstServedMs.get(name) ?? null,
    }));
    const firsts = [...this.#firstServedMs.values()];
    return {
      forMs: Math.round(this.#phase.healedMs - this.#phase.sinceMs),
      dials: listPools(byPool).reduce((sum, [, { dials }]) => sum + dials, 0),
      firstServedAfterHealingMs: firsts.length === 0 ? null : Math.min(...firsts),
      failedFastMs: { count, p50: rounded(p50), p95: rounded(p95), max: rounded(max) },
      byPool,
    };
  }
}
