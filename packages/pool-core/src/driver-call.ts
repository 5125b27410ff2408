/**
 * Owns one call into a driver: its time limit, its signal, and what becomes of an answer that comes late.
 * It must never know what the call was for, nor trust the driver with anything.
 */
import { CallContext, type Clock, type Timer, type Timers } from '@cryo/resilience';
import type { DriverPhase } from './driver.ts';
import { DriverTimeoutError } from './errors.ts';

/** How long past its time limit a call keeps its slot, in ms. */
const ABANDON_AFTER_MS = 1_000;

/** From then on nobody should count on a check or a reset to come back soon, in ms. */
const SLOW_CALL_MS = 1_000;

/** What a call is for, and how long it may take in ms. */
export interface CallLimit {
  readonly phase: DriverPhase | 'close';
  readonly timeoutMs: number;
}

/** What the caller of the driver is told; each at most once, never while the call is being started. */
export interface CallWatcher<Result> {
  /** The call is judged: its own answer in time, a timeout, or the reason it was cut short. */
  readonly succeeded: (result: Result) => void;
  /** The call takes so long that others should not count on it; it may still succeed. */
  readonly slow?: () => void;
  /** `held`: the driver has not let go yet, and `freed` will follow. */
  readonly failed: (error: unknown, slot: 'free' | 'held') => void;
  /** The driver has let go, or was given up on: the slot may go. */
  readonly freed: () => void;
  /** A result that came after the judgement: nobody else will end it. */
  readonly late: (result: Result) => void;
}

/** Where calls are counted that were given up on. */
export interface CallHost {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Takes one place among the abandoned calls; `false` when there is none: then the call keeps its slot. */
  readonly tryAbandon: (call: CallLimit['phase']) => boolean;
  /** An abandoned call settled after all. */
  readonly abandonedSettled: () => void;
}

/**
 * ```text
 * running ──1 s──► running, slow (told once)
 * running ──answer──► judged
 *    └──time limit or cut()──► overdue ──answer──► freed
 *                                 └──1 s──► abandoned ──answer──► (counted back; a late result is ended)
 * ```
 */
export class DriverCall<Result> {
  #state: 'running' | 'judged' | 'overdue' | 'freed' | 'abandoned' = 'running';
  readonly #host: CallHost;
  readonly #watcher: CallWatcher<Result>;
  readonly #context: CallContext;
  readonly #limit: CallLimit;
  #timer: Timer | undefined;

  constructor(
    host: CallHost,
    limit: CallLimit,
    watcher: CallWatcher<Result>,
    context = new CallContext(host.clock.now() + limit.timeoutMs),
  ) {
    this.#host = host;
    this.#watcher = watcher;
    this.#context = context;
    this.#limit = limit;
  }

  /** Calls the driver, once. Whatever that does at once, it finds this call where it can be cut. */
  begin(start: (context: CallContext) => Result | PromiseLike<Result>): void {
    const watcher = this.#watcher;
    const context = this.#context;
    this.#watchTime(this.#limit, watcher.slow);
    // A throw becomes a rejection and every answer a microtask, so that no driver can answer while the pool decides.
    new Promise<Result>((resolve) => resolve(start(context))).then(
      (result) =>
        this.#answered(
          () => watcher.succeeded(result),
          () => watcher.late(result),
        ),
      (error) => this.#answered(() => watcher.failed(error, 'free')),
    );
  }

  #watchTime({ phase, timeoutMs }: CallLimit, slow: (() => void) | undefined): void {
    const cut = () => this.cut(new DriverTimeoutError(phase, timeoutMs));
    if (slow === undefined || timeoutMs <= SLOW_CALL_MS) return this.#arm(timeoutMs, cut);
    this.#arm(SLOW_CALL_MS, () => {
      this.#arm(Math.max(0, this.#context.deadline - this.#host.clock.now()), cut);
      slow();
    });
  }

  /** Judges the call as failed, now; the driver is told through the signal. */
  cut(reason: unknown): void {
    if (this.#state !== 'running') return;
    this.#state = 'overdue';
    this.#arm(this.#graceMs(), () => this.#abandon());
    this.#context.abort(reason);
    this.#watcher.failed(reason, 'held');
  }

  #answered(judge: () => void, late?: () => void): void {
    this.#timer?.cancel();
    const before = this.#state;
    this.#state = before === 'running' ? 'judged' : 'freed';
    if (before === 'running') return judge();
    if (before === 'abandoned') this.#host.abandonedSettled();
    late?.();
    if (before === 'overdue') this.#watcher.freed();
  }

  #abandon(): void {
    if (!this.#host.tryAbandon(this.#limit.phase)) return this.#arm(ABANDON_AFTER_MS, () => this.#abandon());
    this.#state = 'abandoned';
    this.#watcher.freed();
  }

  /** The second begins when the time limit was over, however late that was noticed. */
  #graceMs(): number {
    const lateMs = Math.max(0, this.#host.clock.now() - this.#context.deadline);
    return Math.max(0, ABANDON_AFTER_MS - lateMs);
  }

  #arm(delayMs: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer =
      delayMs === Number.POSITIVE_INFINITY ? undefined : this.#host.timers.set(delayMs, run, { background: false });
  }
}
