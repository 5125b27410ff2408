/**
 * Owns what the rules that open at a rate have in common: their options, the window, and the comparison.
 * Must never know what makes a call bad, nor how a rule puts its reason.
 */
import type { OptionFault } from '../errors.ts';
import { asNumber, faultsOf, must, never, type OptionRules, peek, range } from '../option-rules.ts';
import { BUCKETS, type CallWindow, CountWindow, TimeWindow, WINDOW_CALLS, WINDOW_MS } from '../window.ts';
import type { TripNeeds } from './trip-rule.ts';

/** The calls that a rate is taken of: those of a time, or the last of a number. One of the two has to be given. */
export type RateWindow =
  | {
      /** The calls of this time, in ms. */
      readonly windowMs: number;
      /**
       * Into how many parts the time is divided; a call counts for `windowMs`, less up to one part. Default 10. Memory is
       * 16 bytes a part.
       */
      readonly buckets?: number | undefined;
      /** Not beside `windowMs`. */
      readonly windowCalls?: undefined;
    }
  | {
      /** So many calls, the last ones, however long ago. Memory is a bit a call. */
      readonly windowCalls: number;
      /** Not beside `windowCalls`. */
      readonly windowMs?: undefined;
      /** Only with `windowMs`. */
      readonly buckets?: undefined;
    };

/** What a rate is compared with, and the calls that it is taken of. */
export type RateOptions = RateWindow & {
  /** The share of the calls in the window at which to open, above 0 and up to 1; it need only be reached. */
  readonly rate: number;
  /** With fewer calls than this in the window nothing opens, whatever the rate. */
  readonly minimumCalls: number;
};

/** Options as their names may come from a program without types. */
type Given = { readonly [Name in 'windowMs' | 'windowCalls']?: unknown };

/** The rules for {@link RateOptions}. */
export function rateRules(options: object | undefined): OptionRules {
  const { windowMs, windowCalls } = peek<Given>(options, 'windowMs', 'windowCalls');
  const isTimed = windowMs !== undefined;
  return {
    rate: range({ above: 0, max: 1, unit: '' }),
    minimumCalls: (path, value) => minimumFaults(path, value, isTimed ? undefined : windowCalls),
    windowMs: isTimed
      ? WINDOW_MS
      : must(() => windowCalls !== undefined, 'a number above 0 ms, or windowCalls in its place'),
    windowCalls: isTimed ? never('windowMs or windowCalls, not both') : WINDOW_CALLS,
    buckets: isTimed ? BUCKETS : never('no buckets without windowMs'),
  };
}

export const RATE_REQUIRED = ['rate', 'minimumCalls', 'windowMs'];

const MINIMUM_CALLS = range({ min: 1, integer: true, unit: 'calls' });

function minimumFaults(path: string, value: unknown, windowCalls: unknown): readonly OptionFault[] {
  if (!(asNumber(value) > asNumber(windowCalls))) return faultsOf(MINIMUM_CALLS, path, value);
  return [{ path, value, expected: 'no more calls than windowCalls, or it would never open' }];
}

/** Only a window over time needs a clock. */
export function needsOf({ windowMs }: RateOptions): Exclude<TripNeeds, 'durations'> {
  return windowMs === undefined ? 'counts' : 'time';
}

/** A rate of calls, and what makes them bad in words: `failed`. */
export interface RatePlan {
  readonly options: RateOptions;
  readonly deed: string;
}

/** What a rate has seen of one breaker. The window is made for the first call: most breakers of many never see one. */
export class CallRate {
  readonly #plan: RatePlan;
  #window: CallWindow | undefined;

  constructor(plan: RatePlan) {
    this.#plan = plan;
  }

  good(now: number): void {
    this.#window ??= windowOf(this.#plan);
    this.#window.addGood(now);
  }

  /** Answers the reason to open, if that is one: `12 of 20 calls failed within 10 s`. */
  bad(now: number): string | undefined {
    this.#window ??= windowOf(this.#plan);
    const window = this.#window;
    window.addBad(now);
    const calls = window.calls(now);
    const bad = window.bad(now);
    const { rate, minimumCalls } = this.#plan.options;
    // A division and no product: 7 / 100 is the very number 0.07, while 0.07 × 100 is more than 7.
    return calls >= minimumCalls && bad / calls >= rate ? reasonFor(this.#plan, bad, calls) : undefined;
  }
}

function windowOf({ options }: RatePlan): CallWindow {
  const { windowMs, windowCalls, buckets } = options;
  return windowMs === undefined ? new CountWindow({ windowCalls }) : new TimeWindow({ windowMs, buckets });
}

function reasonFor({ options, deed }: RatePlan, bad: number, calls: number): string {
  return options.windowMs === undefined
    ? `${bad} of the last ${calls} calls ${deed}`
    : `${bad} of ${calls} calls ${deed} within ${inWords(options.windowMs)}`;
}

/** `250 ms`, `1.5 s` */
export function inWords(durationMs: number): string {
  return durationMs < 1_000 ? `${durationMs} ms` : `${durationMs / 1_000} s`;
}
