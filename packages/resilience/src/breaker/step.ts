/**
 * Owns a breaker's part in a call that is executed: a permit before the work, a verdict after it.
 * Must never know the state of a breaker.
 */
import { tooLateToBegin } from '../errors.ts';
import type { Frame, Step } from '../frame.ts';
import { failure, type Outcome, type Verdict } from '../outcome.ts';
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

  constructor(gate: Gate, settings: BreakerSettings) {
    this.#gate = gate;
    this.#settings = settings;
    this.#wantsDurations = settings.trip.needs === 'durations';
  }

  enter(frame: Frame, place: number): Outcome | undefined {
    const { deadline } = frame;
    if (deadline !== Infinity && this.now() >= deadline) return failure(tooLateToBegin(frame.work));
    const permit = this.#gate.tryAcquire();
    if (permit === undefined) return failure(this.#gate.refusal());
    frame.notes[place] = this.#wantsDurations ? { permit, startedAt: this.now() } : permit;
    return undefined;
  }

  succeeded(frame: Frame, place: number, value: unknown): undefined {
    this.settle(frame, place, judgeResult(this.#settings, value), value);
  }

  failed(frame: Frame, place: number, error: unknown): undefined {
    this.settle(frame, place, judgeError(this.#settings, error, frame.signal, frame), error);
  }

  private settle(frame: Frame, place: number, verdict: Verdict, cause: unknown): void {
    const note = frame.notes[place] as Note;
    if (typeof note === 'number') this.#gate.settle(note, verdict, undefined, cause);
    else this.#gate.settle(note.permit, verdict, this.now() - note.startedAt, cause);
  }

  private now(): number {
    return this.#settings.clock.now();
  }
}
