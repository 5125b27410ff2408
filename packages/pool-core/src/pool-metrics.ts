/**
 * Owns the metrics of one pool: its counters, its measured times, and what the snapshot adds when somebody reads.
 * It must never know why something happened, nor forget: a change is the difference of two readings.
 */
import { type Clock, type Gauge, Histogram, type Registry, type RegistryReading } from '@cryo/resilience';
import type { CloseReason, RefusalReason } from './events.ts';
import { LeaseTimes } from './lease-times.ts';
import { type ConnectionErrorClass, PoolCounters } from './pool-counters.ts';
import { followSnapshot } from './pool-gauges.ts';
import type { PoolSnapshot } from './snapshot.ts';

/** What the metrics of a pool are made of. `gauges` is read whenever somebody reads the metrics. */
export interface PoolMetricsParts {
  readonly pool: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly gauges: () => PoolSnapshot;
}

/**
 * A lease is counted once where it begins and measured once where it ends; the rest is brought up to date when somebody looks.
 *
 * ```text
 *   lent at once      lentAtOnce++          ─┐
 *   lent after a wait leaseTimes.waited(ms) ─┴─► acquireTime = waits and as many zeroes, leasesGranted = both together
 *   given back        leaseTimes.held(ms)  ────► leasesReleased = as many
 * ```
 *
 * Histograms are in ms. What happens on the way of every request is a plain field, touched directly; what takes a
 * decision is a verb.
 */
export class PoolMetrics extends PoolCounters {
  /** Leases granted without any wait. */
  lentAtOnce = 0;
  /** From the request to the lease, every lease. As of the last {@link catchUp}. */
  readonly acquireTime: Histogram;
  /** From the request to the lease, leases that had to queue. As of the last {@link catchUp}. */
  readonly waitTime: Histogram;
  /** From the lease to its release. As of the last {@link catchUp}. */
  readonly useTime: Histogram;
  /** What the two above are fed by. */
  readonly leaseTimes: LeaseTimes;
  /** From the dial to the connection, dials that succeeded. */
  readonly dialTime: Histogram;
  /** From the question whether a connection works to its answer, checks that passed. */
  readonly checkTime: Histogram;
  /** From the end of a lease to the clean connection, resets that had something to do and succeeded. */
  readonly resetTime: Histogram;
  readonly consecutiveHealthCheckFailures: Gauge;
  readonly #registry: Registry;
  readonly #gauges: () => PoolSnapshot;
  /** What was counted and measured until the last {@link catchUp}. */
  #caughtUp = { lentAtOnce: 0, waits: new Histogram(), released: 0 };
  /** The one snapshot that all gauges of a reading share. */
  #reading: PoolSnapshot | undefined;

  constructor({ pool, registry, clock, gauges }: PoolMetricsParts) {
    super(registry, pool);
    const labels = { pool };
    const times = (name: string, help: string) =>
      registry.histogram({ name: `cryo_pool_${name}_ms`, help, unit: 'ms', labels });
    this.acquireTime = times('acquire', 'From the request to the lease, every lease.');
    this.waitTime = times('wait', 'From the request to the lease, leases that had to queue.');
    this.useTime = times('use', 'From the lease to its release.');
    this.leaseTimes = new LeaseTimes(this.waitTime, this.useTime);
    this.dialTime = times('dial', 'From the dial to the connection, dials that succeeded.');
    this.checkTime = times('check', 'From the question whether a connection works to its answer, checks that passed.');
    this.resetTime = times('reset', 'From the end of a lease to a clean connection, resets that asked the server.');
    const help = 'Background checks that failed since one passed.';
    const name = 'cryo_pool_health_check_failures_consecutive';
    this.consecutiveHealthCheckFailures = registry.gauge({ name, help, labels });
    this.#registry = registry;
    this.#gauges = gauges;
    followSnapshot(registry, pool, clock, () => this.#reading ?? gauges());
  }

  /**
   * Every metric as plain data; gauges are all of one moment. With `since`, an earlier reading, counters and histograms
   * are the change since then.
   */
  read(options?: { readonly since?: RegistryReading | undefined }): RegistryReading {
    this.catchUp();
    this.#reading = this.#gauges();
    try {
      return this.#registry.read(options);
    } finally {
      this.#reading = undefined;
    }
  }

  /** Brings the sums of all leases up to date; for whoever reads one of them. */
  catchUp(): void {
    this.leaseTimes.catchUp();
    const { lentAtOnce, waits, released } = this.#caughtUp;
    const atOnce = this.lentAtOnce - lentAtOnce;
    const waited = this.waitTime.count - waits.count;
    if (atOnce > 0) this.acquireTime.record(0, atOnce);
    if (waited > 0) this.acquireTime.merge(this.waitTime.since(waits));
    this.leasesGranted.add(atOnce + waited);
    this.leasesReleased.add(this.useTime.count - released);
    const now = { lentAtOnce: this.lentAtOnce, released: this.useTime.count };
    this.#caughtUp = { ...now, waits: waited > 0 ? this.waitTime.copy() : waits };
  }

  /** @param attempt 0 for a first try, else how often the dial was tried before */
  dialStarted(attempt: number): void {
    this.dialAttempts.add();
    if (attempt > 0) this.dialRetries.add();
  }

  dialSucceeded(dialMs: number, attempt: number): void {
    this.connectionsCreated.add();
    this.dialTime.record(dialMs);
    if (attempt > 0) this.dialRetriesSucceeded.add();
  }

  dialFailed(errorClass: ConnectionErrorClass, attempt: number): void {
    this.connectionError(errorClass);
    if (attempt > 0) this.dialRetriesFailed.add();
  }

  connectionClosed(reason: CloseReason): void {
    this.connectionsClosed[reason].add();
  }

  connectionError(errorClass: ConnectionErrorClass): void {
    this.connectionErrors[errorClass].add();
  }

  requestRefused(reason: RefusalReason): void {
    this.refusals[reason].add();
    if (reason === 'timeout') this.acquireTimeouts.add();
    if (reason === 'aborted') this.acquireAborts.add();
  }

  checkFailed(purpose: 'borrow' | 'background'): void {
    if (purpose === 'borrow') {
      this.validationFailures.add();
      return;
    }
    this.healthCheckFailures.add();
    this.consecutiveHealthCheckFailures.add(1);
  }

  healthCheckPassed(): void {
    this.consecutiveHealthCheckFailures.set(0);
  }
}
