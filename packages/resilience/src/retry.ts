/**
 * Owns when a failed call is tried again, and when it is not.
 * Must never know what is called, nor how long to wait: a backoff says.
 */
import { signalOf } from './abort-source.ts';
import { exponentialBackoff } from './backoff.ts';
import { systemClock } from './clock.ts';
import type { AbortSignal, Deadline } from './deadline.ts';
import { carefully, type ExhaustionReason, isRefusal, RetriesExhaustedError, tooLateToBegin } from './errors.ts';
import { Emitter, type EventNames } from './events.ts';
import type { Frame, Step } from './frame.ts';
import { askHook } from './hooks.ts';
import type { PolicyMeter } from './metrics/policy-metrics.ts';
import { checkOptions } from './option-rules.ts';
import { failure, isCancellation, type Outcome } from './outcome.ts';
import { Pipeline, type Policy } from './policy.ts';
import { systemRandom } from './random.ts';
import { RETRY_RULES, type RetryOptions, type RetryVerdict } from './retry-options.ts';
import type { Ruling } from './ruling.ts';
import { sleep } from './sleep.ts';
import { mayTake, refill } from './spending.ts';
import { systemDelays } from './timers.ts';

const BACKOFF = /* @__PURE__ */ exponentialBackoff({ initialMs: 200, maxMs: 10_000 });

/** How long to wait when the backoff fails, in ms. */
const FALLBACK_DELAY_MS = 1_000;

/** So much early a timer may fire, in ms, and so often in one wait, before the clock is not the timers' own. */
const EARLIEST_MS = 1;
const MOST_EARLY_WAKES = 10;

/** The final error holds what the tries failed with, but of an endless row only the newest. */
const MOST_FAILURES_KEPT = 1_000;

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
  /** As in the options: what events and metrics call it. */
  readonly name: string;
  /**
   * Listens; the answer ends it. A listener that throws changes nothing.
   *
   * @throws InvalidOptionsError when there is no such event, or the listener is not a function
   */
  on<Name extends keyof RetryEvents>(name: Name, listener: (event: RetryEvents[Name]) => void): () => void;
}

/**
 * A policy that tries failing work again.
 *
 * How `execute` rejects: with the work's own error, alone, when that is not worth another try, or when the only try was
 * all that retries and time allowed; with a RetriesExhaustedError, which keeps what every try failed with and says why there
 * was no other, when several tries have failed, or the budget refused another; with an AbortedError, alone too, when the
 * caller aborts while it waits; with a DeadlineExceededError when the deadline had passed before the first try. A result is
 * never thrown away, however late it comes.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function retry(options: RetryOptions = {}): Retry {
  const step = new RetryStep(settingsOf(options));
  return Object.assign(new Pipeline([step]), { name: step.settings.name, on: step.on.bind(step) });
}

type RetrySettings = ReturnType<typeof settingsOf>;

function settingsOf(options: RetryOptions) {
  return checkOptions('retry', options, RETRY_RULES, [], {
    name: 'retry',
    maxRetries: 3,
    deadlineMs: Infinity,
    backoff: BACKOFF,
    retryAfterMs: refusalsRetryAfterMs,
    clock: systemClock,
    timers: systemDelays,
    random: systemRandom,
  });
}

/** What there is to remember of one call: nothing, until it fails or has a deadline of its own. */
interface Trial {
  /** What the deadline was outside of the retry. */
  readonly outerDeadline: Deadline;
  readonly failures: unknown[];
  /** How many tries have failed. */
  made: number;
  previousMs: number | undefined;
}

/** How a call ends that has failed. */
type Ending = 'stopped' | ExhaustionReason;

const EVENTS: EventNames<RetryEvents> = { 'retry-scheduled': true, 'retries-exhausted': true };

class RetryStep extends Emitter<RetryEvents> implements Step {
  declare readonly settings: RetrySettings;
  declare readonly waitsForFailure: boolean;
  readonly #count: PolicyMeter<'retry'> | undefined;

  constructor(settings: RetrySettings) {
    const { name, deadlineMs, budget, registry, listenerFailed } = settings;
    super({ owner: `retry '${name}'`, names: EVENTS, listenerFailed });
    this.settings = settings;
    this.waitsForFailure = deadlineMs === Infinity && budget === undefined && registry === undefined;
    this.#count = registry?.policyMeter('retry', name, {});
  }

  enter(frame: Frame, place: number): Outcome | undefined {
    const { deadline } = frame;
    const { deadlineMs, clock } = this.settings;
    frame.attempt = 0;
    if (deadlineMs === Infinity && deadline === Infinity) return undefined;
    const now = clock.now();
    if (now >= deadline) {
      this.#count?.('out-of-time');
      return failure(tooLateToBegin(frame.work));
    }
    if (now + deadlineMs >= deadline) return undefined;
    frame.notes[place] = trialUnder(deadline);
    frame.deadline = now + deadlineMs;
    return undefined;
  }

  succeeded(frame: Frame, place: number): undefined {
    const trial = frame.notes[place] as Trial | undefined;
    if (this.settings.budget !== undefined) refill(this.settings);
    this.#count?.(trial?.made ? 'recovered' : 'succeeded');
    if (trial !== undefined) leave(frame, place, trial);
  }

  failed(frame: Frame, place: number, error: unknown): Ruling {
    const trial = (frame.notes[place] as Trial | undefined) ?? trialUnder(frame.deadline);
    frame.notes[place] = trial;
    trial.made++;
    trial.failures.push(error);
    if (trial.failures.length > MOST_FAILURES_KEPT) trial.failures.shift();
    const decision = this.#decide(frame, trial, error);
    if (typeof decision !== 'number') return this.#end(frame, place, trial, decision);
    return this.#wait(frame, place, trial, decision, error);
  }

  /** How long to wait before another try, in ms, or why there is none. */
  #decide(frame: Frame, trial: Trial, error: unknown): number | Ending {
    if (frame.scope?.aborted || this.#judge(error) === 'stop') return 'stopped';
    if (trial.made > this.settings.maxRetries) return 'out-of-retries';
    const delayMs = this.#delayMs(trial, error);
    if (this.#isLate(frame, delayMs)) return 'out-of-time';
    return mayTake(this.settings) ? delayMs : 'out-of-budget';
  }

  #wait(frame: Frame, place: number, trial: Trial, delayMs: number, error: unknown): Ruling {
    const { name: retry } = this.settings;
    const attempt = trial.made;
    frame.attempt = attempt;
    this.#count?.('retries');
    this.emit('retry-scheduled', { retry, attempt, delayMs, error });
    return this.#sleep(delayMs, signalOf(frame.scope)).then(
      // Late, the event loop was blocked until after the deadline.
      () => (this.#isLate(frame, 0) ? this.#end(frame, place, trial, 'out-of-time') : undefined),
      (aborted: unknown) => this.failed(frame, place, aborted),
    );
  }

  /** Not a moment less, though timers may fire a little early: whoever came back then would be refused again. */
  async #sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock, timers } = this.settings;
    const dueMs = clock.now() + delayMs;
    await sleep(delayMs, timers, signal);
    for (let left = MOST_EARLY_WAKES; left > 0 && clock.now() < dueMs; left--) {
      const leftMs = Math.min(dueMs - clock.now(), EARLIEST_MS);
      // The first time in the hope of timers that round up; else what is left is so little that it takes no time.
      await sleep(left === MOST_EARLY_WAKES ? leftMs : leftMs + EARLIEST_MS, timers, signal);
    }
  }

  #end(frame: Frame, place: number, trial: Trial, reason: Ending): Outcome {
    const { made: attempts, failures } = trial;
    leave(frame, place, trial);
    this.#count?.(reason);
    // What the only try failed with says it all, unless it would have been tried again but for the budget.
    if (reason === 'stopped' || (attempts === 1 && reason !== 'out-of-budget')) return failure(failures.at(-1));
    const error = new RetriesExhaustedError(failures, reason, attempts);
    this.emit('retries-exhausted', { retry: this.settings.name, attempts, reason, error });
    return failure(error);
  }

  /** Whether the deadline will have passed in so many ms. */
  #isLate({ deadline }: Frame, inMs: number): boolean {
    return deadline !== Infinity && this.settings.clock.now() + inMs >= deadline;
  }

  #judge(error: unknown): RetryVerdict {
    const { classify } = this.settings;
    const isAnswer = (value: unknown) => value === 'retry' || value === 'stop';
    const verdict = classify && askHook(this.settings, 'classify', () => classify(error), isAnswer, undefined);
    return verdict ?? classifyByDefault(error);
  }

  #delayMs(trial: Trial, error: unknown): number {
    const { backoff, retryAfterMs, random } = this.settings;
    const next = () => backoff.delayMs(trial.made - 1, trial.previousMs, random);
    trial.previousMs = askHook(this.settings, 'backoff', next, isDuration, FALLBACK_DELAY_MS);
    const isAnswer = (value: unknown) => value === undefined || isDuration(value);
    const asked = askHook(this.settings, 'retryAfterMs', () => retryAfterMs(error), isAnswer, undefined);
    return Math.max(trial.previousMs, asked ?? 0);
  }
}

function trialUnder(outerDeadline: Deadline): Trial {
  return { outerDeadline, failures: [], made: 0, previousMs: undefined };
}

/** Outside of the retry nothing of it remains, so that a retry around it may enter it again. */
function leave(frame: Frame, place: number, { outerDeadline }: Trial): void {
  frame.deadline = outerDeadline;
  frame.notes[place] = undefined;
}

function classifyByDefault(error: unknown): RetryVerdict {
  const isHopeless = () => isCancellation(error) || (isRefusal(error) && refusalsRetryAfterMs(error) === undefined);
  return carefully(isHopeless, false) ? 'stop' : 'retry';
}

function refusalsRetryAfterMs(error: unknown): number | undefined {
  return isRefusal(error) && isDuration(error.retryAfterMs) ? error.retryAfterMs : undefined;
}

function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}
