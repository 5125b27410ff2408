/**
 * Owns what is measured of a window of chaos: dials within it, how fast requests failed, how soon they were served after.
 * It must never know which faults acted, nor cause one.
 */
import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { Histogram } from '@cryo/resilience';
import { rounded } from './pool-watch.ts';

export type Mode = 'read' | 'write';

/** Times in ms, as the service saw them. */
export interface OutageReport {
  readonly forMs: number;
  readonly dials: number;
  /** From healing to the first request served by either pool; `null` when none was. */
  readonly firstServedAfterHealingMs: number | null;
  /** Requests that were refused within the window, and how long that took. */
  readonly failedFastMs: { readonly count: number; readonly p50: number; readonly p95: number; readonly max: number };
  readonly byPool: Readonly<
    Record<Mode, { readonly dials: number; readonly firstServedAfterHealingMs: number | null }>
  >;
}

type Phase =
  | { readonly name: 'before' }
  | { readonly name: 'afflicted'; readonly sinceMs: number }
  | { readonly name: 'healed'; readonly sinceMs: number; readonly healedMs: number };

export class OutageWatch {
  #phase: Phase = { name: 'before' };
  readonly #dials: Record<Mode, number> = { read: 0, write: 0 };
  readonly #firstServedMs: Record<Mode, number | null> = { read: null, write: null };
  readonly #refusedMs = new Histogram();

  began(nowMs: number): void {
    this.#phase = { name: 'afflicted', sinceMs: nowMs };
  }

  healed(nowMs: number): void {
    if (this.#phase.name === 'afflicted')
      this.#phase = { name: 'healed', sinceMs: this.#phase.sinceMs, healedMs: nowMs };
  }

  dialed(mode: Mode): void {
    if (this.#phase.name === 'afflicted') this.#dials[mode] += 1;
  }

  served(mode: Mode, nowMs: number): void {
    if (this.#phase.name === 'healed') this.#firstServedMs[mode] ??= nowMs - this.#phase.healedMs;
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
    const poolOf = (mode: Mode) => ({
      dials: this.#dials[mode],
      firstServedAfterHealingMs: roundedOrNull(this.#firstServedMs[mode]),
    });
    const byPool = { read: poolOf('read'), write: poolOf('write') };
    const firsts = [byPool.read, byPool.write].flatMap(({ firstServedAfterHealingMs: first }) =>
      first === null ? [] : [first],
    );
    return {
      forMs: Math.round(this.#phase.healedMs - this.#phase.sinceMs),
      dials: byPool.read.dials + byPool.write.dials,
      firstServedAfterHealingMs: firsts.length === 0 ? null : Math.min(...firsts),
      failedFastMs: { count, p50: rounded(p50), p95: rounded(p95), max: rounded(max) },
      byPool,
    };
  }
}

function roundedOrNull(ms: number | null): number | null {
  return ms === null ? null : rounded(ms);
}
