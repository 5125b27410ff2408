import { Registry } from '@cryo/resilience';
import { VirtualClock } from '@cryo/resilience/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { snapshotOf } from '../test/snapshots.ts';
import { PoolMetrics } from './pool-metrics.ts';
import type { PoolSnapshot } from './snapshot.ts';

let clock: VirtualClock;
let metrics: PoolMetrics;
let snapshot: PoolSnapshot;
let looks: number;
let registry: Registry;

beforeEach(() => {
  clock = new VirtualClock({ startMs: 50 });
  snapshot = snapshotOf();
  looks = 0;
  const gauges = () => {
    looks++;
    return snapshot;
  };
  registry = new Registry({ clock });
  metrics = new PoolMetrics({ pool: 'orders', registry, clock, gauges });
});

/** Every number of a reading by its name and labels, as an exporter would spell it. */
function numbers(reading = metrics.read()): Record<string, number> {
  const entries = reading.metrics.map((metric) => {
    const { pool, ...labels } = metric.labels;
    expect(pool).toBe('orders');
    const others = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const name = [metric.name, ...others].join(' ');
    return [name, metric.kind === 'histogram' ? metric.histogram.count : metric.value];
  });
  return Object.fromEntries(entries);
}

const ENDS =
  'lost check-failed reset-failed lifetime idle-timeout max-uses evicted recycled shrunk reclaimed late pool-closed'.split(
    ' ',
  );

describe('a new pool', () => {
  it('has every counter of the table at 0, each value of a label included', () => {
    const reading = numbers();
    for (const name of [
      'connections_created_total',
      ...ENDS.map((reason) => `connections_closed_total reason=${reason}`),
      'leases_granted_total',
      'leases_released_total',
      'connection_errors_total class=connection-lost',
      'connection_errors_total class=server-unavailable',
      'connection_errors_total class=overloaded',
      'connection_errors_total class=misconfigured',
      'acquire_timeouts_total',
      'acquire_aborts_total',
      'refusals_total reason=queue-full',
      'refusals_total reason=shed',
      'shedding_periods_total',
      'refusals_total reason=closed',
      'validation_failures_total',
      'health_check_failures_total',
      'health_check_failures_consecutive',
      'breaker_trips_total',
      'dial_attempts_total',
      'dial_retries_total',
      'dial_retries_succeeded_total',
      'dial_retries_failed_total',
      'abandoned_calls_total',
      'stalls_total',
      'thaws_total',
      'leaks_suspected_total',
      'leases_reclaimed_total',
      'leases_dropped_total',
      'double_releases_total',
      'acquire_ms',
      'wait_ms',
      'use_ms',
      'dial_ms',
      'check_ms',
      'reset_ms',
    ]) {
      expect([name, reading[`cryo_pool_${name}`]]).toEqual([name, 0]);
    }
  });

  it('says since when it has been counting, in ms since 1970', () => {
    expect(numbers().cryo_pool_start_timestamp_ms).toBe(Date.UTC(2026, 0, 1));
  });

  it('names the unit of everything that has one, so that an exporter can convert it', () => {
    for (const { name, unit } of metrics.read().metrics)
      expect([name, unit === 'ms']).toEqual([name, /_ms$/.test(name)]);
  });
});

describe('what the snapshot shows', () => {
  it('is there as gauges', () => {
    snapshot = snapshotOf({
      size: { min: 4, max: 25, absoluteMax: 60 },
      connections: { dialing: 1, idle: 2, checking: 3, leased: 4, resetting: 5, closing: 6 },
      waiting: 7,
      oldestWaitMs: 8,
      oldestLeaseMs: 9,
      suspects: 10,
      abandoned: 11,
      peakLeased: 12,
      breaker: { state: 'half-open' },
    });
    expect(numbers()).toMatchObject({
      'cryo_pool_connections state=dialing': 1,
      'cryo_pool_connections state=idle': 2,
      'cryo_pool_connections state=checking': 3,
      'cryo_pool_connections state=leased': 4,
      'cryo_pool_connections state=resetting': 5,
      'cryo_pool_connections state=closing': 6,
      cryo_pool_size_min: 4,
      cryo_pool_size_max: 25,
      cryo_pool_size_absolute_max: 60,
      cryo_pool_waiting: 7,
      cryo_pool_oldest_wait_ms: 8,
      cryo_pool_oldest_lease_ms: 9,
      cryo_pool_suspects: 10,
      cryo_pool_abandoned: 11,
      cryo_pool_leased_peak: 12,
      'cryo_pool_breaker_state state=closed': 0,
      'cryo_pool_breaker_state state=half-open': 1,
    });
  });

  it('is of one moment: one look per reading', () => {
    metrics.read();
    expect(looks).toBe(1);
    metrics.read();
    expect(looks).toBe(2);
  });

  it('is looked at anew by who reads the registry itself', () => {
    metrics.read();
    snapshot = snapshotOf({ waiting: 5 });
    expect(numbers(registry.read())).toMatchObject({ cryo_pool_waiting: 5 });
  });
});

describe('what happens', () => {
  it('is counted by its verb in every number that it concerns', () => {
    metrics.dialStarted(0);
    metrics.dialFailed('server-unavailable', 0);
    metrics.dialStarted(1);
    metrics.dialFailed('overloaded', 1);
    metrics.dialStarted(2);
    metrics.dialSucceeded(12, 2);
    metrics.connectionClosed('lost');
    metrics.connectionError('connection-lost');
    metrics.requestRefused('timeout');
    metrics.requestRefused('aborted');
    metrics.requestRefused('queue-full');
    metrics.checkFailed('borrow');
    metrics.checkFailed('background');
    metrics.checkFailed('background');
    expect(numbers()).toMatchObject({
      cryo_pool_dial_attempts_total: 3,
      cryo_pool_dial_retries_total: 2,
      cryo_pool_dial_retries_failed_total: 1,
      cryo_pool_dial_retries_succeeded_total: 1,
      cryo_pool_connections_created_total: 1,
      cryo_pool_dial_ms: 1,
      'cryo_pool_connection_errors_total class=server-unavailable': 1,
      'cryo_pool_connection_errors_total class=overloaded': 1,
      'cryo_pool_connection_errors_total class=connection-lost': 1,
      'cryo_pool_connections_closed_total reason=lost': 1,
      'cryo_pool_refusals_total reason=timeout': 1,
      'cryo_pool_refusals_total reason=queue-full': 1,
      cryo_pool_acquire_timeouts_total: 1,
      cryo_pool_acquire_aborts_total: 1,
      cryo_pool_validation_failures_total: 1,
      cryo_pool_health_check_failures_total: 2,
      cryo_pool_health_check_failures_consecutive: 2,
    });
    metrics.healthCheckPassed();
    expect(numbers()).toMatchObject({
      cryo_pool_health_check_failures_total: 2,
      cryo_pool_health_check_failures_consecutive: 0,
    });
  });

  it('between two readings is told apart from what was before, with the time between; nothing is reset', async () => {
    metrics.leasesGranted.add(5);
    metrics.acquireTime.record(100);
    const first = metrics.read();
    await clock.advance(2_500);
    metrics.leasesGranted.add(2);
    metrics.acquireTime.record(3);
    metrics.acquireTime.record(5);
    snapshot = snapshotOf({ waiting: 3 });
    const change = metrics.read({ since: first });
    expect(change.ageMs).toBe(2_500);
    expect(numbers(change)).toMatchObject({
      cryo_pool_leases_granted_total: 2,
      cryo_pool_acquire_ms: 2,
      cryo_pool_waiting: 3,
    });
    const acquire = change.metrics.find(({ name }) => name === 'cryo_pool_acquire_ms');
    expect(acquire?.kind === 'histogram' && acquire.histogram.mean).toBeCloseTo(4, 5);
    expect(numbers()).toMatchObject({ cryo_pool_leases_granted_total: 7, cryo_pool_acquire_ms: 3 });
  });
});

describe('the sums of all leases', () => {
  it('are brought up to date by a reading: a zero for each lease at once, and every wait', () => {
    metrics.lentAtOnce += 3;
    metrics.waitTime.record(8);
    metrics.useTime.record(2);
    const first = metrics.read();
    expect(numbers(first)).toMatchObject({
      ...{ cryo_pool_leases_granted_total: 4, cryo_pool_leases_released_total: 1 },
      ...{ cryo_pool_acquire_ms: 4, cryo_pool_wait_ms: 1, cryo_pool_use_ms: 1 },
    });
    expect(metrics.acquireTime.summary()).toMatchObject({ sum: 8, p50: 0, max: 8 });
    metrics.lentAtOnce++;
    metrics.waitTime.record(5);
    metrics.waitTime.record(0);
    const change = metrics.read({ since: first });
    expect(numbers(change)).toMatchObject({
      ...{ cryo_pool_leases_granted_total: 3, cryo_pool_leases_released_total: 0 },
      ...{ cryo_pool_acquire_ms: 3, cryo_pool_wait_ms: 2, cryo_pool_use_ms: 0 },
    });
    expect(metrics.acquireTime.summary()).toMatchObject({ count: 7, sum: 13, max: 8 });
  });
});
