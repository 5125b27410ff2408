/**
 * Owns what a retry can be told: its options, their defaults and their bounds.
 * Must never know what a retry does with them.
 */
import { type Backoff, exponentialBackoff } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';
import type { ListenerFailed } from './hooks.ts';
import type { Registry } from './metrics/registry.ts';
import { OptionCheck } from './options.ts';
import { checkParts } from './parts.ts';
import { type Random, systemRandom } from './random.ts';
import { systemTimers, type Timers } from './timers.ts';

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
  readonly budget?: RetryBudget | undefined;
  readonly clock?: Clock | undefined;
  readonly timers?: Timers | undefined;
  readonly random?: Random | undefined;
  /** Where to count calls and retries: `cryo_retry_*`, with the label `retry`. */
  readonly registry?: Registry | undefined;
  /** Told when a listener, `classify`, `retryAfterMs`, the backoff or the budget throws, or answers what it may not. */
  readonly listenerFailed?: ListenerFailed | undefined;
}

/** The options as a retry keeps them. */
export interface RetrySettings {
  readonly name: string;
  readonly maxRetries: number;
  readonly backoff: Backoff;
  readonly classify: RetryOptions['classify'];
  readonly retryAfterMs: RetryOptions['retryAfterMs'];
  readonly deadlineMs: number;
  readonly budget: RetryBudget | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly listenerFailed: ListenerFailed | undefined;
}

const KNOWN = [
  ...['name', 'maxRetries', 'backoff', 'classify', 'retryAfterMs', 'deadlineMs', 'budget'],
  ...['clock', 'timers', 'random', 'registry', 'listenerFailed'],
];

/** @throws InvalidOptionsError listing every fault */
export function retrySettings(options: RetryOptions): RetrySettings {
  const given = new OptionCheck('retry');
  if (!given.type('options', options, 'object')) given.throwIfFaulty();
  const { name = 'retry', maxRetries = 3, deadlineMs = Infinity, backoff, clock, timers, random } = options;
  const { classify, retryAfterMs, budget, listenerFailed } = options;
  const check = new OptionCheck(name === 'retry' ? 'retry' : `retry '${name}'`);
  check.unknownKeys('', options, KNOWN);
  check.type('name', name, 'string');
  check.number('maxRetries', maxRetries, { min: 0, integer: true, infinity: true, unit: 'retries' });
  check.number('deadlineMs', deadlineMs, { above: 0, infinity: true, unit: 'ms' });
  if (backoff !== undefined && typeof backoff?.delayMs !== 'function') {
    check.fault('backoff', backoff, 'a backoff, such as exponentialBackoff({ initialMs, maxMs })');
  }
  if (budget !== undefined && typeof budget?.tryTake !== 'function') {
    check.fault('budget', budget, 'a budget, with tryTake()');
  }
  for (const hook of ['classify', 'retryAfterMs', 'random', 'listenerFailed'] as const) {
    if (options[hook] !== undefined) check.type(hook, options[hook], 'function');
  }
  checkParts(check, { clock, timers, registry: options.registry });
  check.throwIfFaulty();
  return {
    name,
    maxRetries,
    deadlineMs,
    backoff: backoff ?? exponentialBackoff({ initialMs: 200, maxMs: 10_000 }),
    clock: clock ?? systemClock,
    timers: timers ?? systemTimers,
    random: random ?? systemRandom,
    classify,
    retryAfterMs,
    budget,
    listenerFailed,
  };
}
