/**
 * Owns when a failed call is tried again, and when it is not.
 * Must never know what is called, nor how long to wait: a backoff says.
 */
import { signalOf } from './abort-source.ts';
import { DeadlineExceededError, type ExhaustionReason, isRefusal, RetriesExhaustedError } from './errors.ts';
import { Emitter } from './events.ts';
import type { Frame, Step } from './frame.ts';
import { askHook, reportFault } from './hooks.ts';
import type { Registry } from './metrics/registry.ts';
import { isCancellation, type Outcome } from './outcome.ts';
import { Pipeline, type Policy } from './policy.ts';
import { RetryMeter } from './retry-meter.ts';
import {
  type RetryBudget,
  type RetryOptions,
  type RetrySettings,
  type RetryVerdict,
  retrySettings,
} from './retry-options.ts';
import { type RetryEnding, Trial } from './retry-trial.ts';
import type { Ruling } from './ruling.ts';
import { sleep } from './sleep.ts';

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
 * was no other, when several tries have failed, or the budget refused another; with an AbortedError when the caller aborts while it waits; with a DeadlineExceededError when the
 * deadline had passed before the first try. A result is never thrown away, however late it comes.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function retry(options: RetryOptions = {}): Retry {
  return new RetryPolicy(retrySettings(options), options.registry);
}

class RetryPolicy extends Pipeline implements Retry {
  readonly name: string;
  readonly #emitter: Emitter<RetryEvents>;

  constructor(settings: RetrySettings, registry: Registry | undefined) {
    const emitter = new Emitter<RetryEvents>({ listenerFailed: settings.listenerFailed });
    super([new RetryStep(settings, emitter, registry && new RetryMeter(registry, settings.name))]);
    this.name = settings.name;
    this.#emitter = emitter;
  }

  on<Name extends keyof RetryEvents>(name: Name, listener: (event: RetryEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }
}

type Decision =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'end'; readonly as: RetryEnding };

class RetryStep implements Step {
  readonly waitsForFailure: boolean;
  readonly #settings: RetrySettings;
  readonly #emitter: Emitter<RetryEvents>;
  readonly #meter: RetryMeter | undefined;

  constructor(settings: RetrySettings, emitter: Emitter<RetryEvents>, meter: RetryMeter | undefined) {
    this.waitsForFailure = settings.deadlineMs === Infinity && settings.budget === undefined && meter === undefined;
    this.#settings = settings;
    this.#emitter = emitter;
    this.#meter = meter;
  }

  enter(frame: Frame, place: number): Outcome | undefined {
    const { clock, deadlineMs } = this.#settings;
    frame.attempt = 0;
    if (deadlineMs === Infinity && frame.deadline === Infinity) return undefined;
    const now = clock.now();
    const outerDeadline = frame.deadline;
    if (now >= outerDeadline) return { kind: 'error', error: new DeadlineExceededError() };
    frame.deadline = Math.min(outerDeadline, now + deadlineMs);
    if (frame.deadline < outerDeadline) frame.notes[place] = new Trial(outerDeadline);
    return undefined;
  }

  succeeded(frame: Frame, place: number): undefined {
    const trial = frame.notes[place] as Trial | undefined;
    if (this.#settings.budget !== undefined) this.#refill();
    this.#meter?.ended(trial === undefined || trial.retries === 0 ? 'succeeded' : 'recovered');
    if (trial !== undefined) leave(frame, place, trial);
  }

  failed(frame: Frame, place: number, error: unknown): Ruling {
    const trial = (frame.notes[place] as Trial | undefined) ?? new Trial(frame.deadline);
    const decision = this.#decide(frame, trial, error);
    if (decision.kind === 'retry') {
      frame.notes[place] = trial;
      return { kind: 'again', when: this.#wait(frame, trial, decision.delayMs, error) };
    }
    leave(frame, place, trial);
    this.#meter?.ended(decision.as);
    const ending = trial.endAs(decision.as);
    if (decision.as !== 'stopped' && ending instanceof RetriesExhaustedError && ending !== error) this.#tell(ending);
    return { kind: 'error', error: ending };
  }

  #tell(error: RetriesExhaustedError): void {
    const { made: attempts, reason } = error;
    this.#emitter.emit('retries-exhausted', { retry: this.#settings.name, attempts, reason, error });
  }

  #decide(frame: Frame, trial: Trial, error: unknown): Decision {
    if (error === WOKE_TOO_LATE) return { kind: 'end', as: 'out-of-time' };
    trial.failed(error);
    const { maxRetries, clock, budget } = this.#settings;
    if (frame.scope?.aborted || this.#classify(error) === 'stop') return { kind: 'end', as: 'stopped' };
    if (trial.retries >= maxRetries) return { kind: 'end', as: 'out-of-retries' };
    const delayMs = this.#delayMs(trial, error);
    if (frame.deadline !== Infinity && clock.now() + delayMs >= frame.deadline) {
      return { kind: 'end', as: 'out-of-time' };
    }
    if (budget !== undefined && !this.#mayTake(budget)) return { kind: 'end', as: 'out-of-budget' };
    return { kind: 'retry', delayMs };
  }

  #wait(frame: Frame, trial: Trial, delayMs: number, error: unknown): Promise<void> {
    const { name, clock, timers } = this.#settings;
    trial.retries++;
    frame.attempt = trial.retries;
    this.#meter?.retried();
    this.#emitter.emit('retry-scheduled', { retry: name, attempt: trial.retries, delayMs, error });
    return sleep(delayMs, timers, signalOf(frame.scope)).then(() => {
      if (frame.deadline !== Infinity && clock.now() >= frame.deadline) throw WOKE_TOO_LATE;
    });
  }

  #classify(error: unknown): RetryVerdict {
    const { classify, listenerFailed } = this.#settings;
    const otherwise = (): RetryVerdict => classifyByDefault(error);
    if (classify === undefined) return otherwise();
    const isAnswer = (value: unknown) => value === 'retry' || value === 'stop';
    return askHook(listenerFailed, 'classify', () => classify(error), isAnswer, otherwise);
  }

  #delayMs(trial: Trial, error: unknown): number {
    const { backoff, random, retryAfterMs = refusalsRetryAfterMs, listenerFailed } = this.#settings;
    const next = () => backoff.delayMs(trial.retries, trial.previousMs, random);
    trial.previousMs = askHook(listenerFailed, 'backoff', next, isDuration, () => FALLBACK_DELAY_MS);
    const isAnswer = (value: unknown) => value === undefined || isDuration(value);
    const asked = askHook(
      listenerFailed,
      'retryAfterMs',
      () => retryAfterMs(error),
      isAnswer,
      () => undefined,
    );
    return Math.max(trial.previousMs, asked ?? 0);
  }

  #mayTake(budget: RetryBudget): boolean {
    const isAnswer = (value: unknown) => typeof value === 'boolean';
    const { listenerFailed } = this.#settings;
    return askHook(
      listenerFailed,
      'budget.tryTake',
      () => budget.tryTake(),
      isAnswer,
      () => false,
    );
  }

  #refill(): void {
    const { budget, listenerFailed } = this.#settings;
    try {
      budget?.succeeded?.();
    } catch (error) {
      reportFault(listenerFailed, 'budget.succeeded', error);
    }
  }
}

/** Outside of the retry nothing of it remains, so that a retry around it may enter it again. */
function leave(frame: Frame, place: number, trial: Trial): void {
  frame.deadline = trial.outerDeadline;
  frame.notes[place] = undefined;
}

function classifyByDefault(error: unknown): RetryVerdict {
  if (isCancellation(error)) return 'stop';
  return isRefusal(error) && refusalsRetryAfterMs(error) === undefined ? 'stop' : 'retry';
}

function refusalsRetryAfterMs(error: unknown): number | undefined {
  return isRefusal(error) && isDuration(error.retryAfterMs) ? error.retryAfterMs : undefined;
}

function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}
