/**
 * Owns which calls pass while a breaker that has just closed comes back to all of them.
 * Must never know how they end, nor read a clock.
 */
import { checkOptions, must, range } from '../option-rules.ts';
import type { Pace, Recovery, RecoveryRamp } from './state.ts';

/** How a breaker that has closed comes back to all calls. */
export interface RecoveryOptions {
  /** How long that takes, in ms. */
  readonly rampMs: number;
  /** The share of calls that passes at first, from 0 and below 1. Default 0.1, as in Envoy's slow start. */
  readonly from?: number | undefined;
}

const RAMP_FROM = 0.1;

/** The rule for what a ramp begins from. */
export const SHARE = /* @__PURE__ */ must(
  (value) => typeof value === 'number' && value >= 0 && value < 1,
  'a share of the calls, from 0 and below 1',
);

const RULES = { rampMs: range({ above: 0, unit: 'ms' }), from: SHARE };

/** Sums of shares come out a little short: ten times 0.1 has to make a whole call. */
const WHOLE = 1 - 1e-9;

/**
 * For `recovery` of a breaker: lets a growing share of the calls pass once probes have closed it, and refuses the others.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function recoveryRamp(options: RecoveryOptions): Recovery {
  const { rampMs, from } = checkOptions('recoveryRamp', options, RULES, ['rampMs'], { from: RAMP_FROM });
  return {
    lineFrom: (since) => ({ since, until: since + rampMs, from }),
    along: (ramp) => new Ramp(ramp),
  };
}

/** The share of calls that passes at a time. */
export function shareAt({ since, until, from }: RecoveryRamp, now: number): number {
  const progress = (now - since) / (until - since);
  return from + (1 - from) * Math.min(1, Math.max(0, progress));
}

/**
 * Each call that asks adds the share of the moment to an account, and a whole one in it buys a call, so that of any calls
 * that ask, at times t of the ramp,
 *
 *     passed  ≤  sum of share(t) + 1
 *
 * The first call passes, the others evenly spread, and nothing is saved up while nobody asks. After Bresenham's line; a draw
 * for each call would be right on average only.
 */
class Ramp implements Pace {
  readonly #line: RecoveryRamp;
  #account: number;

  constructor(line: RecoveryRamp) {
    this.#line = line;
    this.#account = 1 - line.from;
  }

  passes(now: number): boolean {
    this.#account += shareAt(this.#line, now);
    if (this.#account < WHOLE) return false;
    this.#account -= 1;
    return true;
  }

  /** Every call that is refused makes it shorter, so that those refused together are not told to come back together. */
  waitMs(now: number): number {
    const { since, until, from } = this.#line;
    if (this.#account + shareAt(this.#line, now) >= WHOLE) return 0;
    // Aimed at a full one, and a grain of the clock past it, so that rounding does not make it fall short.
    const progress = (1 - this.#account - from) / (1 - from);
    return Math.max(0, since + (until - since) * Math.min(1, progress) - now + until * Number.EPSILON);
  }
}
