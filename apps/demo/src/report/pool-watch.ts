/**
 * Owns what a run remembers of one pool beyond its metrics: which way it was resized, which states its breaker saw.
 * It must never change a pool, nor know what it is used for.
 */
import type { Pool, PoolSnapshot } from '@cryo/pool-core';
import type { HistogramSummary, RegistryReading } from '@cryo/resilience';

/** Times in ms. */
export interface PoolSummary {
  readonly acquisitionMs: Times;
  /** Of the requests that had to queue. */
  readonly waitMs: Times;
  readonly useMs: Times;
  readonly leases: number;
  readonly peakLeased: number;
  readonly peakWaiting: number;
  /** By the sizer alone. */
  readonly grows: number;
  readonly shrinks: number;
  readonly peakMax: number;
  /** The states of the dial breaker one after another, the last of them at the end; of a long run the latest. */
  readonly breakerStates: readonly string[];
  readonly breakerTrips: number;
  readonly dials: number;
  readonly retries: { readonly begun: number; readonly succeeded: number; readonly failed: number };
  readonly connectionErrors: Readonly<Record<string, number>>;
  readonly validationFailures: number;
}

export type Times = Omit<HistogramSummary, 'sum'>;

const STATES_KEPT = 24;

/** What is looked at; which connections it lends makes no difference. */
export type WatchedPool = Pick<Pool<unknown>, 'metrics' | 'on' | 'snapshot'>;

export class PoolWatch {
  readonly #pool: WatchedPool;
  readonly #breakerStates: string[] = [];
  #grows = 0;
  #shrinks = 0;
  #peakMax: number;
  #peakWaiting = 0;

  constructor(pool: WatchedPool) {
    this.#pool = pool;
    const { breaker, size } = pool.snapshot();
    this.#breakerStates.push(breaker.state);
    this.#peakMax = size.max;
    pool.on('breaker-changed', ({ to }) => {
      this.#breakerStates.push(to);
      if (this.#breakerStates.length > STATES_KEPT) this.#breakerStates.shift();
    });
    pool.on('request-queued', ({ waiting }) => {
      this.#peakWaiting = Math.max(this.#peakWaiting, waiting);
    });
    pool.on('resized', ({ from, to, by }) => {
      this.#peakMax = Math.max(this.#peakMax, to.max);
      if (by !== 'sizer') return;
      if (to.max > from.max) this.#grows += 1;
      if (to.max < from.max) this.#shrinks += 1;
    });
  }

  snapshot(): PoolSnapshot {
    return this.#pool.snapshot();
  }

  summary(): PoolSummary {
    const reading = this.#pool.metrics.read();
    return {
      acquisitionMs: timesOf(reading, 'cryo_pool_acquire_ms'),
      waitMs: timesOf(reading, 'cryo_pool_wait_ms'),
      useMs: timesOf(reading, 'cryo_pool_use_ms'),
      leases: countOf(reading, 'cryo_pool_leases_granted_total'),
      peakLeased: this.#pool.snapshot().peakLeased,
      peakWaiting: this.#peakWaiting,
      grows: this.#grows,
      shrinks: this.#shrinks,
      peakMax: this.#peakMax,
      breakerStates: [...this.#breakerStates],
      breakerTrips: countOf(reading, 'cryo_pool_breaker_trips_total'),
      dials: countOf(reading, 'cryo_pool_dial_attempts_total'),
      retries: {
        begun: countOf(reading, 'cryo_pool_dial_retries_total'),
        succeeded: countOf(reading, 'cryo_pool_dial_retries_succeeded_total'),
        failed: countOf(reading, 'cryo_pool_dial_retries_failed_total'),
      },
      connectionErrors: countsOf(reading, 'cryo_pool_connection_errors_total', 'class'),
      validationFailures: countOf(reading, 'cryo_pool_validation_failures_total'),
    };
  }
}

const NO_TIMES: Times = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 };

function timesOf({ metrics }: RegistryReading, name: string): Times {
  const found = metrics.find((metric) => metric.name === name);
  if (found?.kind !== 'histogram') return NO_TIMES;
  const { count, mean, p50, p95, p99, max } = found.histogram;
  return { count, mean: rounded(mean), p50: rounded(p50), p95: rounded(p95), p99: rounded(p99), max: rounded(max) };
}

function countOf({ metrics }: RegistryReading, name: string): number {
  const found = metrics.find((metric) => metric.name === name);
  return found === undefined || found.kind === 'histogram' ? 0 : found.value;
}

/** The counts of a labelled family that are not zero. */
function countsOf({ metrics }: RegistryReading, name: string, label: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const metric of metrics) {
    if (metric.name !== name || metric.kind === 'histogram' || metric.value === 0) continue;
    counts[metric.labels[label] ?? ''] = metric.value;
  }
  return counts;
}

/** Microseconds are as fine as these figures mean anything. */
export function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
