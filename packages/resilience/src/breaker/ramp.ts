/**
 * Owns which calls pass while a breaker that has just closed comes back to all of them.
 * Must never know how they end, nor read a clock.
 */
import type { Permit, RecoveryRamp } from './state.ts';

/** Sums of shares come out a little short: ten times 0.1 has to make a whole call. */
const ROUNDING = 1e-9;

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
export class Ramp {
  readonly line: RecoveryRamp;
  /** What every call gets that passes: it stays good when the ramp is over. */
  readonly permit: Permit;
  #account: number;

  constructor(line: RecoveryRamp, permit: Permit) {
    this.line = line;
    this.permit = permit;
    this.#account = 1 - line.from;
  }

  /** Whether the call that asks now passes. */
  passes(now: number): boolean {
    this.#account += shareAt(this.line, now);
    if (this.#account < 1 - ROUNDING) return false;
    this.#account -= 1;
    return true;
  }

  /**
   * In how many ms a call would pass if nobody asked before; 0 when one would now. Every call that is refused makes it
   * shorter, so that those refused together are not told to come back together.
   */
  waitMs(now: number): number {
    const { since, until, from } = this.line;
    const progress = (1 - ROUNDING - this.#account - from) / (1 - from);
    return Math.max(0, since + (until - since) * Math.min(1, progress) - now);
  }
}
