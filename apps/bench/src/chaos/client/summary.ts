/**
 * Owns what a trial comes to: counts and times from the book of operations, relative to the fault.
 * It must never know who was tried, nor what is good.
 */
import { deadlineOf, GRACE_MS, type Operation } from './workload.ts';

/** When the fault began and when it was over, in ms of the wall clock. */
export interface Outage {
  readonly struckMs: number;
  readonly healedMs: number;
  /** Until when dials count. */
  readonly dialsUntilMs: number;
  /** How long after the end errors may still come of it. */
  readonly aftermathMs: number;
}

export interface Summary {
  readonly succeeded: number;
  readonly failed: number;
  readonly codes: Readonly<Record<string, number>>;
  /** Not answered at their deadline, nor soon after. */
  readonly hung: number;
  /** Failed after the fault was over for longer than allowed, though begun after it was over. */
  readonly late: number;
  /** Since the beginning of the fault, until its end or for a second, whichever is longer. */
  readonly dials: number;
  /** From the end of the fault to the first success; undefined when there was none. */
  readonly recoveryMs: number | undefined;
  readonly longestMs: number;
  /** 95 % of the operations that failed during the outage without a connection, from half a second on, took no longer. */
  readonly refusalMs: number | undefined;
  readonly unhandled: readonly string[];
}

export interface Book {
  readonly operations: readonly Operation[];
  readonly tellsLeases: boolean;
  readonly dialsAtMs: readonly number[];
  readonly unhandled: readonly string[];
}

const SETTLED_AFTER_MS = 500;

export function summarize({ operations, tellsLeases, dialsAtMs, unhandled }: Book, outage: Outage): Summary {
  const { struckMs, healedMs, dialsUntilMs } = outage;
  const failures = operations.filter(({ code }) => code !== undefined);
  const recovered = operations.filter(
    ({ endMs, code }) => endMs !== undefined && code === undefined && endMs >= healedMs,
  );
  const ends = recovered.map(({ endMs = 0 }) => endMs);
  return {
    succeeded: operations.filter(({ endMs, code }) => endMs !== undefined && code === undefined).length,
    failed: failures.length,
    codes: tally(failures.map(({ code = '' }) => code)),
    hung: operations.filter((operation) => isHung(operation, tellsLeases)).length,
    late: failures.filter((operation) => isLate(operation, tellsLeases, outage)).length,
    dials: dialsAtMs.filter((atMs) => atMs >= struckMs && atMs <= dialsUntilMs).length,
    recoveryMs: ends.length === 0 ? undefined : least(ends) - healedMs,
    longestMs: operations.reduce((longest, { startMs, endMs }) => Math.max(longest, (endMs ?? startMs) - startMs), 0),
    refusalMs: refusalTime(failures, outage),
    unhandled,
  };
}

function isHung(operation: Operation, tellsLeases: boolean): boolean {
  return (operation.endMs ?? Number.POSITIVE_INFINITY) > deadlineOf(operation, tellsLeases) + GRACE_MS;
}

/** Begun before the end, it may fail by its own deadline; begun after, the aftermath is all the time there is. */
function isLate(operation: Operation, tellsLeases: boolean, { healedMs, aftermathMs }: Outage): boolean {
  const { startMs, leasedMs, endMs = Number.POSITIVE_INFINITY } = operation;
  if (endMs <= healedMs + aftermathMs) return false;
  const wasInFlight = (leasedMs ?? startMs) <= healedMs;
  return !wasInFlight || endMs > deadlineOf(operation, tellsLeases) + GRACE_MS;
}

function refusalTime(failures: readonly Operation[], { struckMs, healedMs }: Outage): number | undefined {
  const refused = failures.filter(
    ({ startMs, leasedMs }) => leasedMs === undefined && startMs > struckMs + SETTLED_AFTER_MS && startMs < healedMs,
  );
  const times = refused.map(({ startMs, endMs }) => (endMs ?? startMs) - startMs).toSorted((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)];
}

function tally(codes: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}
