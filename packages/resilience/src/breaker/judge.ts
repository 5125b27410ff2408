/**
 * Owns the questions that a breaker asks its user: the verdicts on what work did, how long an opening lasts, how it recovers.
 * Must never know what follows from an answer.
 */
import { neverBegan, type Work } from '../call.ts';
import type { AbortSignal } from '../deadline.ts';
import { askHook, reportFault } from '../hooks.ts';
import { type AbortState, isVerdict, judgeErrorOf, type Verdict } from '../outcome.ts';
import { type BreakerSettings, LONGEST_OPEN_MS, type Opening } from './options.ts';
import { type BreakerState, nextOpening, type OpenState, type Pace, type RampLine } from './state.ts';
import type { TripRecord } from './trip-rule.ts';

/** Stands for a caller who has not aborted. */
const NOBODY: AbortState = { aborted: false };

export function judgeResult(settings: BreakerSettings, result: unknown): Verdict {
  const { judgeResult } = settings;
  if (judgeResult === undefined) return 'success';
  return askHook(settings, 'judgeResult', () => judgeResult(result), isVerdict, 'success');
}

/** What a breaker that is not asked alone knows of a call. */
interface KnownCall {
  /** What the work ran in: aborted without a caller's signal, it was ended by a time limit, which is nobody's wish. */
  readonly scope: AbortState | undefined;
  readonly work: Work<unknown> | undefined;
}

export function judgeError(
  settings: BreakerSettings,
  error: unknown,
  signal: AbortSignal | undefined,
  call?: KnownCall,
): Verdict {
  const { judgeError } = settings;
  const verdict = judgeError && askHook(settings, 'judgeError', () => judgeError(error, signal), isVerdict, undefined);
  return (
    verdict ??
    judgeErrorOf((one) => neverBegan(one, call?.work), error, signal ?? (call?.scope?.aborted ? NOBODY : undefined))
  );
}

/** A rule must not throw. What one of the user's throws all the same is told, and says nothing. */
export function noteFaultOfRule(settings: BreakerSettings, error: unknown): undefined {
  reportFault(settings, 'trip', error);
}

/** A fresh record, or the last one where the rule makes none. */
export function beginRecord(settings: BreakerSettings, last: TripRecord): TripRecord {
  return askHook(settings, 'trip', () => settings.trip.begin(), Boolean, last);
}

/** The line of a ramp that begins now, if one does. */
export function beginRamp(settings: BreakerSettings): RampLine | undefined {
  const { recovery, clock } = settings;
  return recovery && askHook(settings, 'recovery', () => recovery.lineFrom(clock.now()), Boolean, undefined);
}

function isPace(value: unknown): boolean {
  const { passes, waitMs } = Object(value);
  return typeof passes === 'function' && typeof waitMs === 'function';
}

/** The pace of a breaker that is on a ramp in this state; without one the next caller ends the ramp. */
export function paceAlong(settings: BreakerSettings, state: BreakerState): Pace | undefined {
  const ramp = state.name === 'closed' ? state.ramp : undefined;
  return ramp && askHook(settings, 'recovery', () => settings.recovery?.along(ramp), isPace, undefined);
}

/** How long a breaker stays open when the function that decides it fails, in ms. */
const FALLBACK_OPEN_MS = 30_000;

/** The opening of a breaker in this state that opens now. */
export function judgeOpening(
  settings: BreakerSettings,
  state: BreakerState,
  cause: unknown,
  reason: string,
): OpenState {
  const { clock, random } = settings;
  const since = clock.now();
  const { openings, firstSince } = nextOpening(state, since);
  const openMs = judgeOpenTime(settings, { openings, openForMs: since - firstSince, cause, random });
  return { name: 'open', since, until: since + openMs, cause, reason, openings, firstSince };
}

function judgeOpenTime(settings: BreakerSettings, opening: Opening): number {
  const { openForMs } = settings;
  if (typeof openForMs === 'number') return openForMs;
  const isTime = (value: unknown) => typeof value === 'number' && value >= 0;
  const answer = askHook(settings, 'openForMs', () => openForMs(opening), isTime, FALLBACK_OPEN_MS);
  const isShort = () => answer <= LONGEST_OPEN_MS;
  return askHook(settings, 'openForMs', () => answer, isShort, LONGEST_OPEN_MS);
}
