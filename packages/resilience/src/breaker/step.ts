/**
 * Owns a breaker's part in a call that is executed: a permit before the work, a verdict after it.
 * Must never know the state of a breaker.
 */
import type { Clock } from '../clock.ts';
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
  /** Undefined unless the rule wants durations. */
  readonly #stopwatch: Clock | undefined;

  constructor(gate: Gate, settings: BreakerSettings) {
    this.#gate = gate;
    this.#settings = settings;
    this.#stopwatch = settings.trip.needs === 'durations' ? settings.clock : undefined;
  }

  enter(frame: Frame, place: number): Outcome | undefined {
    if (frame.deadline !== Infinity && this.#settings.clock.now() >= frame.deadline) {
      return { kind: 'error', error: new DeadlineExceededError() };
    }
    const permit = this.#gate.tryAcquire();
    if (permit === undefined) return { kind: 'error', error: this.#gate.refusal() };
    const note: Note = this.#stopwatch === undefined ? permit : { permit, startedAt: this.#stopwatch.now() };
    frame.notes[place] = note;
    return undefined;
  }

  succeeded(frame: Frame, place: number, value: unknown): undefined {
    this.#settle(frame.notes[place] as Note, judgeResult(this.#settings, value), value);
  }

  failed(frame: Frame, place: number, error: unknown): undefined {
    this.#settle(frame.notes[place] as Note, judgeError(this.#settings, error, frame.signal), error);
  }

  #settle(note: Note, verdict: Verdict, cause: unknown): void {
    if (typeof note === 'number' || this.#stopwatch === undefined) {
      this.#gate.settle(note as Permit, verdict, undefined, cause);
    } else {
      this.#gate.settle(note.permit, verdict, this.#stopwatch.now() - note.startedAt, cause);
    }
  }
}
