/**
 * Owns what a breaker looks like as plain data that outlives its process, and how it is put into that form.
 * Must never know how it is read back, nor change a breaker.
 */
import { systemClock } from '../clock.ts';
import { breakerClock, type CircuitBreaker } from './contract.ts';
import type { BreakerState, ClosedState, HalfOpenState, OpenState } from './state.ts';

/**
 * The state of a breaker as plain frozen data, which survives JSON. Every time in it is of the wall clock, in ms since 1970:
 * the clock that a breaker runs by means nothing to another process. What a trip rule has counted is not in it.
 */
export interface BreakerSnapshot {
  readonly version: 1;
  /** When, in ms since 1970. */
  readonly takenAt: number;
  /** What the breaker was in. */
  readonly state: SavedState;
}

/** The state of a breaker as data; `name` tells which. */
export type SavedState = SavedFlow | SavedIsolated;

/** Everything but isolated. */
export type SavedFlow = SavedClosed | SavedOpening | SavedHalfOpen;

/** Calls pass: all of them, or a growing share. */
export interface SavedClosed {
  readonly name: 'closed';
  /** The line along which it comes back to all calls; null when all pass. */
  readonly ramp: SavedRamp | null;
}

/** A ramp under way. Times are in ms since 1970. */
export interface SavedRamp {
  /** When it began. */
  readonly since: number;
  /** From then on every call passes. */
  readonly until: number;
  /** The share of calls that passes at first, from 0 and below 1. */
  readonly from: number;
  /** The opening that it recovers from. */
  readonly after: SavedOpening;
}

/** Calls are refused. Times are in ms since 1970. */
export interface SavedOpening {
  readonly name: 'open';
  /** When it opened. */
  readonly since: number;
  /** Null: until told. */
  readonly until: number | null;
  /** What the last failure was, as text. */
  readonly cause: string | null;
  /** Why it opened, in words. */
  readonly reason: string;
  /** How often it has opened since it was last closed and recovered; the first is 1. */
  readonly openings: number;
  /** When the first of those openings was. */
  readonly firstSince: number;
}

/** Probes pass. None of them is in the data: they end with their process. */
export interface SavedHalfOpen {
  readonly name: 'half-open';
  /** When the first probe was let through, in ms since 1970. */
  readonly since: number;
  /** The open time that this was an attempt to end. */
  readonly after: SavedOpening;
}

/** Calls are refused by hand. */
export interface SavedIsolated {
  readonly name: 'isolated';
  /** Why, one for each handle that was held. */
  readonly reasons: readonly string[];
  /** What it goes back to once all are released. */
  readonly beneath: SavedFlow;
}

const MOST_TEXT = 1_000;

/** The state of a breaker as plain data that survives JSON and the process: see {@link fromSnapshot}. */
export function snapshotOf({ state, [breakerClock]: clock = systemClock }: CircuitBreaker): BreakerSnapshot {
  const takenAt = clock.wallNow();
  const offsetMs = takenAt - clock.now();
  return Object.freeze({ version: 1, takenAt, state: savedState(state, offsetMs) });
}

function savedState(state: BreakerState, offsetMs: number): SavedState {
  if (state.name !== 'isolated') return savedFlow(state, offsetMs);
  const reasons = Object.freeze(state.isolations.map(({ reason }) => inWords(reason) ?? ''));
  return Object.freeze({ name: 'isolated', reasons, beneath: savedFlow(state.beneath, offsetMs) });
}

function savedFlow(state: ClosedState | OpenState | HalfOpenState, offsetMs: number): SavedFlow {
  switch (state.name) {
    case 'closed':
      return Object.freeze({ name: 'closed', ramp: savedRamp(state, offsetMs) });
    case 'open':
      return savedOpening(state, offsetMs);
    default:
      return Object.freeze({
        name: 'half-open',
        since: state.since + offsetMs,
        after: savedOpening(state.after, offsetMs),
      });
  }
}

function savedRamp({ ramp }: ClosedState, offsetMs: number): SavedRamp | null {
  if (ramp === undefined) return null;
  const { since, until, from, after } = ramp;
  return Object.freeze({
    since: since + offsetMs,
    until: until + offsetMs,
    from,
    after: savedOpening(after, offsetMs),
  });
}

function savedOpening(opening: OpenState, offsetMs: number): SavedOpening {
  const { since, until, cause, reason, openings, firstSince } = opening;
  return Object.freeze({
    name: 'open',
    since: since + offsetMs,
    until: until === Infinity ? null : until + offsetMs,
    cause: inWords(cause),
    reason,
    openings,
    firstSince: firstSince + offsetMs,
  });
}

/** An error may answer anything, or throw, when it is asked for its text. */
function inWords(value: unknown): string | null {
  if (value === undefined) return null;
  try {
    return String(value).slice(0, MOST_TEXT);
  } catch {
    return 'a cause without words';
  }
}
