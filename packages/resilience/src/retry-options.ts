/**
 * Owns what a retry can be told: its options, their defaults and their bounds.
 * Must never know what a retry does with them.
 */
import type { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { ListenerFailed } from './hooks.ts';
import type { Registry } from './metrics/registry.ts';
import { having, type OptionRules, range } from './option-rules.ts';
import { BUDGET, CLOCK, REGISTRY, TIMERS } from './parts.ts';
import type { Random } from './random.ts';
import type { Timers } from './timers.ts';

/** What an error means for trying again. */
export type RetryVerdict = 'retry' | 'stop';

/** What retries may spend, shared by whoever is given the same one. */
export interface RetryBudget {
  /** Takes what one retry costs; false when it is not there, and then there is no retry. */
  tryTake(): boolean;
  /** A call ended well: what a budget refills itself by. */
  succeeded?(): void;
}

/** Options of a retry. */
export interface RetryOptions {
  /** Appears in events and metrics. Default `'retry'`. */
  readonly name?: string | undefined;
  /** Tries after the first one. Infinity: as long as the deadline, the budget and the caller allow. Default 3. */
  readonly maxRetries?: number | undefined;
  /** How long to wait before each. Default exponential from 200 ms to 10 s with full jitter. */
  readonly backoff?: Backoff | undefined;
  /**
   * Whether an error is worth another try. The default says no to a cancellation (an `AbortError`, or ours) and to a refusal
   * by a policy of ours that does not know when asking again may help; yes to everything else. It is also asked when this
   * one throws. Whatever it says, nothing is tried again once the caller has aborted.
   */
  readonly classify?: ((error: unknown) => RetryVerdict) | undefined;
  /**
   * How long the error itself asks to wait, in ms, such as an HTTP `Retry-After`; undefined when it says nothing. The wait
   * is the longer of this and the backoff. Default: what a refusal by a policy of ours says.
   */
  readonly retryAfterMs?: ((error: unknown) => number | undefined) | undefined;
  /**
   * The time for all tries and waits together, in ms. Work sees the end of it, or the caller's own deadline if that is
   * earlier, as `context.deadline`; no try begins that late, and no wait begins that would last until then. Default Infinity.
   */
  readonly deadlineMs?: number | undefined;
  /**
   * Where each retry asks for leave first, shared with whoever is given the same one. Default: none, and all are
   * allowed.
   */
  readonly budget?: RetryBudget | undefined;
  /** What times are read from. Default `systemClock`. */
  readonly clock?: Clock | undefined;
  /** What waits. Default `systemTimers`. */
  readonly timers?: Timers | undefined;
  /** Chance for the backoff's jitter. Default `systemRandom`. */
  readonly random?: Random | undefined;
  /** Where to count calls and retries: `cryo_retry_*`, with the label `retry`. */
  readonly registry?: Registry | undefined;
  /** Told when a listener, `classify`, `retryAfterMs`, the backoff or the budget throws, or answers what it may not. */
  readonly listenerFailed?: ListenerFailed | undefined;
}

/** The rules for {@link RetryOptions}. */
export const RETRY_RULES: OptionRules = {
  name: 'string',
  maxRetries: range({ min: 0, integer: true, infinity: true, unit: 'retries' }),
  backoff: having('delayMs'),
  classify: 'function',
  retryAfterMs: 'function',
  deadlineMs: range({ above: 0, infinity: true, unit: 'ms' }),
  budget: BUDGET,
  clock: CLOCK,
  timers: TIMERS,
  random: 'function',
  registry: REGISTRY,
  listenerFailed: 'function',
};
