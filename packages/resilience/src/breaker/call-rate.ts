/**
 * Owns what the rules that open at a rate have in common: their options, the window, and the comparison.
 * Must never know what makes a call bad, nor how a rule puts its reason.
 */
import type { OptionCheck } from '../options.ts';
import { type CallWindow, CountWindow, checkCountWindow, checkTimeWindow, TimeWindow } from '../window.ts';
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
      readonly windowCalls?: undefined;
    }
  | {
      /** So many calls, the last ones, however long ago. Memory is a bit a call. */
      readonly windowCalls: number;
      readonly windowMs?: undefined;
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
type Given = { readonly [Name in 'rate' | 'minimumCalls' | 'windowMs' | 'windowCalls' | 'buckets']?: unknown };

const RATE_OPTIONS = ['rate', 'minimumCalls', 'windowMs', 'windowCalls', 'buckets'];

/** @param further options of the rule's own, which it checks itself */
export function checkRate(check: OptionCheck, options: object, further: readonly string[]): void {
  const { rate, minimumCalls }: Given = options;
  check.unknownKeys('', options, [...RATE_OPTIONS, ...further]);
  check.number('rate', rate, { above: 0, max: 1, unit: '' });
  check.number('minimumCalls', minimumCalls, { min: 1, integer: true, unit: 'calls' });
  checkWindow(check, options);
}

function checkWindow(check: OptionCheck, { minimumCalls, windowMs, windowCalls, buckets }: Given): void {
  if (windowMs === undefined && windowCalls === undefined) {
    check.fault('windowMs', windowMs, 'a number above 0 ms, or windowCalls in its place');
  } else if (windowCalls === undefined) {
    checkTimeWindow(check, { windowMs, buckets });
  } else if (windowMs !== undefined) {
    check.fault('windowCalls', windowCalls, 'windowMs or windowCalls, not both');
  } else {
    checkCountWindow(check, { windowCalls });
    if (buckets !== undefined) check.fault('buckets', buckets, 'no buckets without windowMs');
    if (Number(minimumCalls) > Number(windowCalls)) {
      check.fault('minimumCalls', minimumCalls, 'no more calls than windowCalls, or it would never open');
    }
  }
}

/** Only a window over time needs a clock. */
export function needsOf({ windowMs }: RateOptions): Exclude<TripNeeds, 'durations'> {
  return windowMs === undefined ? 'counts' : 'time';
}

/** What a rate has seen of one breaker. */
export class CallRate {
  readonly #options: RateOptions;
  /** What a bad call did, in words: `failed`. */
  readonly #deed: string;
  readonly #window: CallWindow;

  constructor(options: RateOptions, deed: string) {
    this.#options = options;
    this.#deed = deed;
    this.#window = options.windowMs === undefined ? new CountWindow(options) : new TimeWindow(options);
  }

  good(now: number): void {
    this.#window.addGood(now);
  }

  /** Answers the reason to open, if that is one: `12 of 20 calls failed within 10 s`. */
  bad(now: number): string | undefined {
    const window = this.#window;
    window.addBad(now);
    const calls = window.calls(now);
    const bad = window.bad(now);
    const { rate, minimumCalls } = this.#options;
    // A division and no product: 7 / 100 is the very number 0.07, while 0.07 × 100 is more than 7.
    return calls >= minimumCalls && bad / calls >= rate ? this.#reason(bad, calls) : undefined;
  }

  #reason(bad: number, calls: number): string {
    const { windowMs } = this.#options;
    return windowMs === undefined
      ? `${bad} of the last ${calls} calls ${this.#deed}`
      : `${bad} of ${calls} calls ${this.#deed} within ${inWords(windowMs)}`;
  }
}

/** `250 ms`, `1.5 s` */
export function inWords(durationMs: number): string {
  return durationMs < 1_000 ? `${durationMs} ms` : `${durationMs / 1_000} s`;
}
