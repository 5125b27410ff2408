/**
 * Owns the line that a pool writes about itself once per interval: how it stands, and what happened since the last line.
 * It must never be a reason for anything to fail, nor show a secret: numbers and the pool's name are all it says.
 */
import type { Clock, HistogramReading, MetricReading, RegistryReading, Timers } from '@cryo/resilience';
import { describeSnapshot } from './description.ts';
import { say } from './logger.ts';
import type { Logger, Settings } from './options.ts';
import type { PoolMetrics } from './pool-metrics.ts';
import type { PoolSnapshot } from './snapshot.ts';

/** What a reporter reads and where it writes. */
export interface ReporterParts {
  readonly settings: Pick<Settings, 'metrics'>;
  readonly metrics: Pick<PoolMetrics, 'read'>;
  readonly snapshot: () => PoolSnapshot;
  readonly logger: Logger | undefined;
  readonly timers: Timers;
  readonly clock: Clock;
}

/** Counters by name; one with a label by name and label, where it is not 0. */
type Totals = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/** What makes a line a warning when it happened since the last one. */
const TROUBLE = [
  'refusals',
  'breakerTrips',
  'healthCheckFailures',
  'leaksSuspected',
  'leasesDropped',
  'abandonedCalls',
];

/**
 * Starts the reports of one pool: `info`, or `warn` when requests were refused, connections leaked or the server failed
 * since the last line. Without a logger, or with an interval of `Infinity`, there are none.
 */
export function startReporter(parts: ReporterParts): { stop(): void } {
  const { settings, metrics, logger, timers } = parts;
  const { reportIntervalMs } = settings.metrics;
  if (logger === undefined) return { stop: () => {} };
  let last = metrics.read();
  const report = () => {
    timer = timers.set(reportIntervalMs, report, { background: true });
    last = writeLine(parts, logger, last);
  };
  let timer = timers.set(reportIntervalMs, report, { background: true });
  return { stop: () => timer.cancel() };
}

/** Writes one line, and answers the reading that the next one starts from. */
function writeLine({ metrics, snapshot }: ReporterParts, logger: Logger, last: RegistryReading): RegistryReading {
  const now = metrics.read();
  const sinceLast = metrics.read({ since: last });
  const shown = snapshot();
  const changes = countersOf(sinceLast);
  const acquire = timesOf(sinceLast, 'cryo_pool_acquire_ms');
  const entry = {
    pool: shown.pool,
    state: shown.state,
    size: shown.size,
    connections: shown.connections,
    waiting: shown.waiting,
    oldestWaitMs: shown.oldestWaitMs,
    oldestLeaseMs: shown.oldestLeaseMs,
    peakLeased: shown.peakLeased,
    breaker: shown.breaker.state,
    acquire,
    wait: timesOf(sinceLast, 'cryo_pool_wait_ms'),
    use: timesOf(sinceLast, 'cryo_pool_use_ms'),
    dial: timesOf(sinceLast, 'cryo_pool_dial_ms'),
    sinceLast: { ageMs: sinceLast.ageMs, ...changes },
    sinceStart: { ageMs: now.ageMs, ...countersOf(now) },
  };
  const leases = `${changes.leasesGranted ?? 0} leases in ${Math.round(sinceLast.ageMs / 1_000)} s`;
  const times = `acquired in ${acquire.averageMs} ms on average, p95 ${acquire.p95Ms} ms, p99 ${acquire.p99Ms} ms`;
  const message = `Pool '${shown.pool}': ${describeSnapshot(shown)}; ${leases}, ${times}`;
  say(logger, TROUBLE.some((name) => isSome(changes[name])) ? 'warn' : 'info', entry, message);
  return now;
}

function isSome(value: Totals[string] | undefined): boolean {
  return typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined && value > 0;
}

/** `cryo_pool_connections_closed_total{reason}` is `connectionsClosed: { lost: 2 }`. */
function countersOf({ metrics }: RegistryReading): Totals {
  const totals: Record<string, number | Record<string, number>> = {};
  for (const metric of metrics) {
    if (metric.kind !== 'counter' || !metric.name.startsWith('cryo_pool_')) continue;
    const name = nameOf(metric.name);
    const label = labelOf(metric);
    if (label === undefined) totals[name] = metric.value;
    else if (metric.value > 0) totals[name] = { ...(totals[name] as Record<string, number>), [label]: metric.value };
  }
  return totals;
}

function nameOf(family: string): string {
  const name = family.replace(/^cryo_pool_/, '').replace(/_total$/, '');
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function labelOf({ labels }: MetricReading): string | undefined {
  const { pool: _, ...others } = labels;
  return Object.values(others)[0];
}

/** Times in ms, to the microsecond. */
interface Times {
  readonly count: number;
  readonly averageMs: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

function timesOf({ metrics }: RegistryReading, name: string): Times {
  const found = metrics.find((metric) => metric.name === name);
  if (found?.kind !== 'histogram') return { count: 0, averageMs: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 };
  const { count, mean, p95, p99, max }: HistogramReading = found.histogram;
  return { count, averageMs: rounded(mean), p95Ms: rounded(p95), p99Ms: rounded(p99), maxMs: rounded(max) };
}

function rounded(timeMs: number): number {
  return Math.round(timeMs * 1_000) / 1_000;
}
