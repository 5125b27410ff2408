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
  readonly takenAt: number;
  readonly state: SavedState;
}

export type SavedState = SavedFlow | SavedIsolated;

/** Everything but isolated. */
export type SavedFlow = SavedClosed | SavedOpening | SavedHalfOpen;

export interface SavedClosed {
  readonly name: 'closed';
  readonly ramp: SavedRamp | null;
}

export interface SavedRamp {
  readonly since: number;
  readonly until: number;
  readonly from: number;
  readonly after: SavedOpening;
}

export interface SavedOpening {
  readonly name: 'open';
  readonly since: number;
  /** Null: until told. */
  readonly until: number | null;
  /** What the last failure was, as text. */
  readonly cause: string | null;
  readonly reason: string;
  readonly openings: number;
  readonly firstSince: number;
}

export interface SavedHalfOpen {
  readonly name: 'half-open';
  readonly since: number;
  readonly after: SavedOpening;
}

export interface SavedIsolated {
  readonly name: 'isolated';
  readonly reasons: readonly string[];
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
