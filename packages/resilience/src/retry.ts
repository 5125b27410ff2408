/**
 * Owns when a failed call is tried again, and when it is not.
 * Must never know what is called, nor how long to wait: a backoff says.
 */
import { signalOf } from './abort-source.ts';
import { type Backoff, exponentialBackoff } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';
import { DeadlineExceededError, type ExhaustionReason, isRefusal, type RetriesExhaustedError } from './errors.ts';
import { Emitter, type EventNames } from './events.ts';
import type { Frame, Step } from './frame.ts';
import { askHook, type ListenerFailed } from './hooks.ts';
import type { PolicyMeter } from './metrics/policy-metrics.ts';
import { failure, isCancellation, type Outcome } from './outcome.ts';
import { Pipeline, type Policy } from './policy.ts';
import { type Random, systemRandom } from './random.ts';
import { checkRetryOptions, type RetryBudget, type RetryOptions, type RetryVerdict } from './retry-options.ts';
import { type RetryEnding, Trial } from './retry-trial.ts';
import type { Ruling } from './ruling.ts';
import { sleep } from './sleep.ts';
import { type Delays, systemDelays } from './timers.ts';

/** How long to wait when the backoff fails, in ms. */
const FALLBACK_DELAY_MS = 1_000;

/** What a wait ends with when the event loop was blocked until after the deadline. */
const WOKE_TOO_LATE = new DeadlineExceededError();

/** What a retry tells, after it has been decided. */
export interface RetryEvents {
  /** Another try will be made. `attempt` is its number, 1 for the first retry. */
  'retry-scheduled': {
    readonly retry: string;
    readonly attempt: number;
    readonly delayMs: number;
    readonly error: unknown;
  };
  /** The call ends with a RetriesExhaustedError, after `attempts` tries. */
  'retries-exhausted': {
    readonly retry: string;
    readonly attempts: number;
    readonly reason: ExhaustionReason;
    readonly error: RetriesExhaustedError;
  };
}

/** Tries again. */
export interface Retry extends Policy {
  readonly name: string;
  /** Listens; the answer ends it. A listener that throws changes nothing. */
  on<Name extends keyof RetryEvents>(name: Name, listener: (event: RetryEvents[Name]) => void): () => void;
}

/**
 * A policy that tries failing work again.
 *
 * How `execute` rejects: with the work's own error when that is not worth another try, or when the only try was
 * all that retries and time allowed; with a RetriesExhaustedError, which keeps what every try failed with and says why there
 * was no other, when several tries have failed, or the budget refused another; with an AbortedError when the caller aborts
 * while it waits; with a DeadlineExceededError when the deadline had passed before the first try. A result is never thrown
 * away, however late it comes.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function retry(options: RetryOptions = {}): Retry {
  checkRetryOptions(options);
  return new RetryPolicy(new RetryStep(options));
}

type Required<Name extends keyof RetryOptions> = NonNullable<RetryOptions[Name]>;

class RetryPolicy extends Pipeline implements Retry {
  readonly #step: RetryStep;

  constructor(step: RetryStep) {
    super([step]);
    this.#step = step;
  }

  get name(): string {
    return this.#step.name;
  }

  on<Name extends keyof RetryEvents>(name: Name, listener: (event: RetryEvents[Name]) => void): () => void {
    return this.#step.emitter.on(name, listener);
  }
}

const EVENTS: EventNames<RetryEvents> = { 'retry-scheduled': true, 'retries-exhausted': true };

class RetryStep implements Step {
  readonly name: string;
  readonly emitter: Emitter<RetryEvents>;
  readonly waitsForFailure: boolean;
  readonly #maxRetries: number;
  readonly #deadlineMs: number;
  readonly #backoff: Backoff;
  readonly #classify: RetryOptions['classify'];
  readonly #retryAfterMs: Required<'retryAfterMs'>;
  readonly #budget: RetryBudget | undefined;
  readonly #clock: Clock;
  readonly #timers: Delays;
  readonly #random: Random;
  readonly #listenerFailed: ListenerFailed | undefined;
  readonly #count: PolicyMeter<'retry'> | undefined;

  constructor(options: RetryOptions) {
    const { name = 'retry', budget, registry, listenerFailed } = options;
    this.name = name;
    this.#maxRetries = options.maxRetries ?? 3;
    this.#deadlineMs = options.deadlineMs ?? Infinity;
    this.#backoff = options.backoff ?? exponentialBackoff({ initialMs: 200, maxMs: 10_000 });
    this.#classify = options.classify;
    this.#retryAfterMs = options.retryAfterMs ?? refusalsRetryAfterMs;
    this.#budget = budget;
    this.#clock = options.clock ?? systemClock;
    this.#timers = options.timers ?? systemDelays;
    this.#random = options.random ?? systemRandom;
    this.#listenerFailed = listenerFailed;
    this.emitter = new Emitter({ listenerFailed, owner: `retry '${name}'`, names: EVENTS });
    this.#count = registry?.policyMeter('retry', name, {});
    this.waitsForFailure = this.#deadlineMs === Infinity && budget === undefined && registry === undefined;
  }

  enter(frame: Frame, place: number): Outcome | undefined {
    const { deadline } = frame;
    frame.attempt = 0;
    if (this.#deadlineMs === Infinity && deadline === Infinity) return undefined;
    const now = this.#clock.now();
    if (now >= deadline) return failure(new DeadlineExceededError());
    if (now + this.#deadlineMs >= deadline) return undefined;
    frame.deadline = now + this.#deadlineMs;
    frame.notes[place] = new Trial(deadline);
    return undefined;
  }

  succeeded(frame: Frame, place: number): undefined {
    const trial = frame.notes[place] as Trial | undefined;
    if (this.#budget !== undefined) this.#refill(this.#budget);
    this.#count?.(trial?.made ? 'recovered' : 'succeeded');
    if (trial !== undefined) leave(frame, place, trial);
  }

  failed(frame: Frame, place: number, error: unknown): Ruling {
    const trial = (frame.notes[place] as Trial | undefined) ?? new Trial(frame.deadline);
    const decision = this.#decide(frame, trial, error);
    if (typeof decision === 'number') {
      frame.notes[place] = trial;
      return { kind: 'again', when: this.#wait(frame, trial.made, decision, error) };
    }
    leave(frame, place, trial);
    this.#count?.(decision);
    const exhausted = trial.exhausted(decision);
    if (exhausted !== undefined) this.#tell(exhausted);
    return failure(exhausted ?? trial.failures.at(-1));
  }

  #tell(error: RetriesExhaustedError): void {
    const { made: attempts, reason } = error;
    this.emitter.emit('retries-exhausted', { retry: this.name, attempts, reason, error });
  }

  /** How long to wait before another try, in ms, or why there is none. */
  #decide(frame: Frame, trial: Trial, error: unknown): number | RetryEnding {
    if (error === WOKE_TOO_LATE) return 'out-of-time';
    trial.failed(error);
    if (frame.scope?.aborted || this.#judge(error) === 'stop') return 'stopped';
    if (trial.made > this.#maxRetries) return 'out-of-retries';
    const delayMs = this.#delayMs(trial, error);
    if (frame.deadline !== Infinity && this.#clock.now() + delayMs >= frame.deadline) return 'out-of-time';
    return this.#budget === undefined || this.#mayTake(this.#budget) ? delayMs : 'out-of-budget';
  }

  #wait(frame: Frame, attempt: number, delayMs: number, error: unknown): Promise<void> {
    frame.attempt = attempt;
    this.#count?.('retries');
    this.emitter.emit('retry-scheduled', { retry: this.name, attempt, delayMs, error });
    return sleep(delayMs, this.#timers, signalOf(frame.scope)).then(() => {
      if (frame.deadline !== Infinity && this.#clock.now() >= frame.deadline) throw WOKE_TOO_LATE;
    });
  }

  #judge(error: unknown): RetryVerdict {
    const classify = this.#classify;
    const isAnswer = (value: unknown) => value === 'retry' || value === 'stop';
    const verdict = classify && this.#ask('classify', () => classify(error), isAnswer, undefined);
    return verdict ?? classifyByDefault(error);
  }

  #delayMs(trial: Trial, error: unknown): number {
    const retryAfterMs = this.#retryAfterMs;
    const next = () => this.#backoff.delayMs(trial.made - 1, trial.previousMs, this.#random);
    trial.previousMs = this.#ask('backoff', next, isDuration, FALLBACK_DELAY_MS);
    const isAnswer = (value: unknown) => value === undefined || isDuration(value);
    const asked = this.#ask('retryAfterMs', () => retryAfterMs(error), isAnswer, undefined);
    return Math.max(trial.previousMs, asked ?? 0);
  }

  #mayTake(budget: RetryBudget): boolean {
    return this.#ask('budget.tryTake', () => budget.tryTake(), isBoolean, false);
  }

  #refill(budget: RetryBudget): void {
    this.#ask<unknown>('budget.succeeded', () => budget.succeeded?.(), isAnything, undefined);
  }

  #ask<Answer>(hook: string, ask: () => Answer, isAnswer: (value: unknown) => boolean, otherwise: Answer): Answer {
    return askHook(this.#listenerFailed, hook, ask, isAnswer, otherwise);
  }
}

/** Outside of the retry nothing of it remains, so that a retry around it may enter it again. */
function leave(frame: Frame, place: number, trial: Trial): void {
  frame.deadline = trial.outerDeadline;
  frame.notes[place] = undefined;
}

function classifyByDefault(error: unknown): RetryVerdict {
  try {
    if (isCancellation(error)) return 'stop';
    return isRefusal(error) && refusalsRetryAfterMs(error) === undefined ? 'stop' : 'retry';
  } catch {
    return 'retry'; // It throws when it is looked at, so it is neither.
  }
}

function refusalsRetryAfterMs(error: unknown): number | undefined {
  return isRefusal(error) && isDuration(error.retryAfterMs) ? error.retryAfterMs : undefined;
}

function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isAnything(): true {
  return true;
}
