/**
 * Owns a breaker's part in a call that is executed: a permit before the work, a verdict after it.
 * Must never know the state of a breaker.
 */
import { DeadlineExceededError } from '../errors.ts';
import type { Frame, Step } from '../frame.ts';
import type { Outcome, Verdict } from '../outcome.ts';
import type { CircuitBreaker } from './contract.ts';
import { judgeError, judgeResult } from './judge.ts';
import type { BreakerSettings } from './options.ts';
import type { Permit } from './state.ts';

/** The part of a breaker that a call needs. */
export type Gate = Pick<CircuitBreaker, 'tryAcquire' | 'settle' | 'refusal'>;

/** What there is to remember of a call: its permit, and when it began for a rule that wants durations. */
type Note = Permit | { readonly permit: Permit; readonly startedAt: number };

export class BreakerStep implements Step {
  readonly #gate: Gate;
  readonly #settings: BreakerSettings;
  readonly #wantsDurations: boolean;
  /** Every result is a success, and nobody has to be asked. */
  readonly #takesResults: boolean;

  constructor(gate: Gate, settings: BreakerSettings) {
    this.#gate = gate;
    this.#settings = settings;
    this.#takesResults = settings.judgeResult === undefined;
    this.#wantsDurations = settings.trip.needs === 'durations';
  }

  enter(frame: Frame, place: number): Outcome | undefined {
    if (frame.deadline !== Infinity && this.#settings.clock.now() >= frame.deadline) return outOfTime();
    const permit = this.#gate.tryAcquire();
    if (permit === undefined) return this.#refused();
    frame.notes[place] = this.#wantsDurations ? { permit, startedAt: this.#settings.clock.now() } : permit;
    return undefined;
  }

  #refused(): Outcome {
    return { kind: 'error', error: this.#gate.refusal() };
  }

  succeeded(frame: Frame, place: number, value: unknown): undefined {
    const verdict = this.#takesResults ? 'success' : judgeResult(this.#settings, value);
    this.#settle(frame, place, verdict, value);
  }

  failed(frame: Frame, place: number, error: unknown): undefined {
    this.#settle(frame, place, judgeError(this.#settings, error, frame.signal), error);
  }

  #settle(frame: Frame, place: number, verdict: Verdict, cause: unknown): void {
    const note = frame.notes[place] as Note;
    if (typeof note === 'number') this.#gate.settle(note, verdict, undefined, cause);
    else this.#gate.settle(note.permit, verdict, this.#settings.clock.now() - note.startedAt, cause);
  }
}

function outOfTime(): Outcome {
  return { kind: 'error', error: new DeadlineExceededError() };
}
