/**
 * Owns what a pool counts: one counter per thing that can happen, under the names that exporters show.
 * It must never know why something happened, nor be reset: a change is the difference of two readings.
 */
import type { Counter, Labels, Registry } from '@cryo/resilience';
import type { ErrorClass } from './driver.ts';
import type { CloseReason, RefusalReason } from './events.ts';

/** The error classes that say something about a connection or the server, not about the caller's statement. */
export type ConnectionErrorClass = Exclude<ErrorClass, 'conflict' | 'statement'>;

const CLOSE_REASONS: readonly CloseReason[] = [
  'lost',
  'check-failed',
  'reset-failed',
  'lifetime',
  'idle-timeout',
  'max-uses',
  'evicted',
  'recycled',
  'shrunk',
  'reclaimed',
  'late',
  'pool-closed',
];
const REFUSAL_REASONS: readonly RefusalReason[] = [
  'timeout',
  'aborted',
  'queue-full',
  'shed',
  'unavailable',
  'misconfigured',
  'closed',
];
const ERROR_CLASSES: readonly ConnectionErrorClass[] = [
  'connection-lost',
  'server-unavailable',
  'overloaded',
  'misconfigured',
];

/** Counters with a known label have a child for each of its values from the start, so that a rate over them has no gaps. */
export class PoolCounters {
  readonly leasesGranted: Counter;
  readonly leasesReleased: Counter;
  readonly connectionsCreated: Counter;
  readonly connectionsClosed: Readonly<Record<CloseReason, Counter>>;
  readonly connectionErrors: Readonly<Record<ConnectionErrorClass, Counter>>;
  readonly refusals: Readonly<Record<RefusalReason, Counter>>;
  readonly acquireTimeouts: Counter;
  readonly acquireAborts: Counter;
  readonly sheddingPeriods: Counter;
  readonly validationFailures: Counter;
  readonly healthCheckFailures: Counter;
  readonly breakerTrips: Counter;
  readonly dialAttempts: Counter;
  readonly dialRetries: Counter;
  readonly dialRetriesSucceeded: Counter;
  readonly dialRetriesFailed: Counter;
  readonly abandonedCalls: Counter;
  readonly stalls: Counter;
  readonly thaws: Counter;
  readonly leaks: Counter;
  readonly leasesReclaimed: Counter;
  readonly leasesDropped: Counter;
  readonly doubleReleases: Counter;

  constructor(registry: Registry, pool: string) {
    const counter = (name: string, help: string, labels?: Labels) =>
      registry.counter({ name: `cryo_pool_${name}_total`, help, labels: { pool, ...labels } });
    const each = <Value extends string>(values: readonly Value[], label: string, name: string, help: string) =>
      Object.fromEntries(values.map((value) => [value, counter(name, help, { [label]: value })])) as Record<
        Value,
        Counter
      >;
    this.leasesGranted = counter('leases_granted', 'Connections lent.');
    this.leasesReleased = counter('leases_released', 'Connections given back.');
    this.connectionsCreated = counter('connections_created', 'Connections opened.');
    this.connectionsClosed = each(CLOSE_REASONS, 'reason', 'connections_closed', 'Connections ended, by reason.');
    this.connectionErrors = each(ERROR_CLASSES, 'class', 'connection_errors', 'Errors of connections, by class.');
    this.refusals = each(REFUSAL_REASONS, 'reason', 'refusals', 'Requests that got no connection, by reason.');
    this.acquireTimeouts = counter('acquire_timeouts', 'Requests whose time ran out.');
    this.acquireAborts = counter('acquire_aborts', 'Requests that their caller aborted.');
    this.sheddingPeriods = counter('shedding_periods', 'Times that requests began to be served newest first.');
    this.validationFailures = counter('validation_failures', 'Failed checks before lending.');
    this.healthCheckFailures = counter('health_check_failures', 'Failed background checks.');
    this.breakerTrips = counter('breaker_trips', 'Times that the dial breaker opened from closed.');
    this.dialAttempts = counter('dial_attempts', 'Dials begun.');
    this.dialRetries = counter('dial_retries', 'Dials begun after a failed one.');
    this.dialRetriesSucceeded = counter('dial_retries_succeeded', 'Retried dials that succeeded.');
    this.dialRetriesFailed = counter('dial_retries_failed', 'Retried dials that failed.');
    this.abandonedCalls = counter('abandoned_calls', 'Driver calls given up on.');
    this.stalls = counter('stalls', 'Times that the event loop was blocked past a timer.');
    this.thaws = counter('thaws', 'Times that the whole process stood still.');
    this.leaks = counter('leaks_suspected', 'Leases held longer than leak.warnAfterMs.');
    this.leasesReclaimed = counter('leases_reclaimed', 'Leases taken away from their holder.');
    this.leasesDropped = counter('leases_dropped', 'Leases that were garbage-collected unreleased.');
    this.doubleReleases = counter('double_releases', 'Releases of a lease that had ended.');
  }
}
