/**
 * Owns the verdict on a pool: ok, degraded or down, judged over the last minute, with every reason.
 * It must never act on it, nor count anything itself.
 */
import { describeSnapshot } from './description.ts';
import { HealthWindow, type WindowView } from './health-window.ts';
import type { PoolMetrics } from './pool-metrics.ts';
import type { PoolSnapshot } from './snapshot.ts';

/** Why a pool is not ok. The last five are about this very moment. */
export type HealthReasonCode =
  | 'acquisition-slow'
  | 'utilization-high'
  | 'connection-errors'
  | 'breaker-open'
  | 'health-checks-failing'
  | 'dialing-stopped'
  | 'shedding'
  | 'unavailable'
  | 'queue-full'
  | 'closed';

/** One reason, with what was measured and the limit that it passed, in the same unit. */
export interface HealthReason {
  /** Which limit was passed: stable across versions. */
  readonly code: HealthReasonCode;
  /** The reason in words, with value and limit. */
  readonly message: string;
  /** What was measured. */
  readonly value: number;
  /** The limit that it passed. */
  readonly threshold: number;
}

/** `down`: a request now would be refused. `degraded`: it would not, but something is wrong. */
export interface Health {
  /** In one word. */
  readonly status: 'ok' | 'degraded' | 'down';
  /** Everything that is wrong; empty when the status is `ok`. */
  readonly reasons: readonly HealthReason[];
}

/** The founding guide's alerts (its section 6). Times in ms. */
const LIMITS = {
  acquireMs: 100,
  utilization: 0.8,
  errorShare: 0.01,
  eventsForErrorShare: 20,
  breakerNotClosedMs: 300_000,
  failedHealthChecks: 3,
  timeoutShare: 0.05,
} as const;

const REFUSING: ReadonlySet<HealthReasonCode> = new Set(['unavailable', 'queue-full', 'closed']);

/** The health of one pool. It needs a tick about once a second to know when things happened. */
export class HealthView {
  readonly #window: HealthWindow;
  readonly #metrics: PoolMetrics;
  readonly #queueLimit: number;

  constructor(metrics: PoolMetrics, { queueLimit = Number.POSITIVE_INFINITY }: { readonly queueLimit?: number } = {}) {
    this.#window = new HealthWindow(metrics);
    this.#metrics = metrics;
    this.#queueLimit = queueLimit;
  }

  tick(now: number, snapshot: PoolSnapshot): void {
    this.#window.tick(now, snapshot);
  }

  read(now: number, snapshot: PoolSnapshot): Health {
    const view = this.#window.read(now, snapshot);
    const reasons = [
      ...acquisitionReasons(view),
      ...utilizationReasons(view),
      ...connectionErrorReasons(view),
      ...breakerReasons(now, snapshot),
      ...healthCheckReasons(this.#metrics.consecutiveHealthCheckFailures.value),
      ...abandonmentReasons(snapshot),
      ...sheddingReasons(now, snapshot),
      ...refusalReasons(snapshot, this.#queueLimit),
    ];
    for (const reason of reasons) Object.freeze(reason);
    const stuck = reasons.some(({ code }) => code === 'dialing-stopped') && usable(snapshot) === 0;
    const down = stuck || reasons.some((reason) => REFUSING.has(reason.code));
    const status = down ? 'down' : reasons.length > 0 ? 'degraded' : 'ok';
    return Object.freeze({ status, reasons: Object.freeze(reasons) });
  }
}

/** The 95th percentile of all requests; one that ran out of time was slower than any that got a connection. */
function acquisitionReasons({ acquireTime, timeouts }: WindowView): HealthReason[] {
  const code = 'acquisition-slow';
  const threshold = LIMITS.acquireMs;
  const { count } = acquireTime;
  const requests = count + timeouts;
  const [quick = 0] = acquireTime.countsUpTo([threshold]);
  if (quick * 100 >= requests * 95) return [];
  if (requests * 95 <= count * 100) {
    const value = acquireTime.quantile(Math.min(1, (0.95 * requests) / count));
    return [{ code, message: `95 % of acquisitions took up to ${Math.round(value)} ms`, value, threshold }];
  }
  const share = timeouts / requests;
  return [
    { code, message: `${percent(share)} of requests ran out of time`, value: share, threshold: LIMITS.timeoutShare },
  ];
}

function utilizationReasons({ utilization }: WindowView): HealthReason[] {
  const threshold = LIMITS.utilization;
  if (utilization <= threshold) return [];
  const message = `${percent(utilization)} of the connections allowed were leased on average`;
  return [{ code: 'utilization-high', message, value: utilization, threshold }];
}

function connectionErrorReasons({ errors, dials, leases }: WindowView): HealthReason[] {
  const threshold = LIMITS.errorShare;
  const events = dials + leases;
  const value = events < LIMITS.eventsForErrorShare ? 0 : errors / events;
  if (value <= threshold) return [];
  const message = `${errors} connection errors in ${dials} dials and ${leases} leases`;
  return [{ code: 'connection-errors', message, value, threshold }];
}

function breakerReasons(now: number, { breaker }: PoolSnapshot): HealthReason[] {
  const value = now - (breaker.notClosedSinceMs ?? now);
  const threshold = LIMITS.breakerNotClosedMs;
  if (value < threshold) return [];
  const message = `the dial breaker has not been closed for ${Math.round(value / 1_000)} s${causeOf(breaker.cause)}`;
  return [{ code: 'breaker-open', message, value, threshold }];
}

function healthCheckReasons(value: number): HealthReason[] {
  const threshold = LIMITS.failedHealthChecks;
  if (value <= threshold) return [];
  return [{ code: 'health-checks-failing', message: `${value} background checks in a row failed`, value, threshold }];
}

/** A request that came now would be served before others, so this alone is not `down`. */
function sheddingReasons(now: number, { sheddingSinceMs, oldestWaitMs }: PoolSnapshot): HealthReason[] {
  if (sheddingSinceMs === undefined) return [];
  const value = now - sheddingSinceMs;
  const message = `overloaded for ${Math.round(value)} ms: the newest requests are served first, the oldest has waited for ${Math.round(oldestWaitMs)} ms`;
  return [{ code: 'shedding', message, value, threshold: 0 }];
}

/** As many driver calls hang as there may be connections. Where nothing is left that serves, nothing ever will until one of them ends. */
function abandonmentReasons({ abandoned, size }: PoolSnapshot): HealthReason[] {
  if (abandoned < size.max) return [];
  const calls = abandoned === 1 ? '1 driver call was' : `${abandoned} driver calls were`;
  const message = `${calls} given up on and not answered since, so nothing is dialed until one is`;
  return [{ code: 'dialing-stopped', message, value: abandoned, threshold: size.max }];
}

function usable({ connections }: PoolSnapshot): number {
  return connections.leased + connections.idle + connections.checking + connections.resetting;
}

/** What would refuse a request that came now. */
function refusalReasons(snapshot: PoolSnapshot, queueLimit: number): HealthReason[] {
  const { state, breaker, waiting, overloadedUntilMs } = snapshot;
  if (state === 'closing' || state === 'closed') {
    return [{ code: 'closed', message: `the pool is ${state}`, value: 1, threshold: 0 }];
  }
  const reasons: HealthReason[] = [];
  // A full server is no server that is down: requests wait for a place.
  const serverDown = breaker.state !== 'closed' && breaker.state !== 'off' && overloadedUntilMs === undefined;
  if (state === 'open' && serverDown && usable(snapshot) === 0) {
    const message = `the server is unavailable and no connection is left${causeOf(breaker.cause)}`;
    reasons.push({ code: 'unavailable', message, value: 0, threshold: 1 });
  }
  if (waiting >= queueLimit) {
    const message = `the queue is full (${describeSnapshot(snapshot)})`;
    reasons.push({ code: 'queue-full', message, value: waiting, threshold: queueLimit });
  }
  return reasons;
}

function causeOf(cause: string | undefined): string {
  return cause === undefined ? '' : `: ${cause}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
