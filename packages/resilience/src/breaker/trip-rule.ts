/**
 * Owns when a closed breaker has seen enough: what a rule is, and the rule of consecutive failures.
 * Must never know what a breaker does when a rule says so, nor read a clock.
 */
import { checkOptions, faultsOf, type OptionRule, oneOf, peek, range } from '../option-rules.ts';

/**
 * What a rule has to be told. `counts`: verdicts only, and the breaker reads no clock for it; `time`: also the time of each
 * outcome; `durations`: also how long each call took.
 */
export type TripNeeds = 'counts' | 'time' | 'durations';

/** From what costs nothing to what costs most; each includes those before it. */
export const NEEDS: readonly TripNeeds[] = ['counts', 'time', 'durations'];

/** Dates the outcomes for a rule of `counts`. */
export const NO_CLOCK = { now: (): number => Number.NaN };

/** The rule for options that have to be a trip rule. */
export const TRIP_RULE: OptionRule = (path, value) => {
  const { begin, needs } = peek<TripRule>(value, 'begin', 'needs');
  if (typeof begin === 'function') return faultsOf(oneOf(...NEEDS), `${path}.needs`, needs);
  return [{ path, value, expected: 'a trip rule, such as consecutiveFailures(5)' }];
};

/** When to open, as a value that any number of breakers may share. A rule must not throw. */
export interface TripRule {
  /** What its records have to be told. */
  readonly needs: TripNeeds;
  /** A fresh record, for one breaker from one closing to its next opening. */
  begin(): TripRecord;
}

/**
 * What a rule has seen of one breaker since it closed. Each method is told of one outcome and answers undefined, or the
 * reason to open in words: `12 of 20 calls failed within 10 s`.
 *
 * `now` is on the breaker's clock, and NaN unless the rule needs time; `durationMs` is undefined unless it needs durations.
 */
export interface TripRecord {
  /** A call ended well. */
  succeeded(now: number, durationMs: number | undefined): string | undefined;
  /** A call failed. */
  failed(now: number, durationMs: number | undefined): string | undefined;
}

const RULES = { threshold: range({ min: 1, integer: true, unit: 'failures' }) };

/**
 * Opens at the n-th failure with no success between. Neutral outcomes neither count nor interrupt.
 *
 * @throws InvalidOptionsError unless `threshold` is an integer of at least 1
 */
export function consecutiveFailures(threshold: number): TripRule {
  checkOptions('consecutiveFailures', { threshold }, RULES, ['threshold']);
  return { needs: 'counts', begin: () => new FailureStreak(threshold) };
}

class FailureStreak implements TripRecord {
  readonly #threshold: number;
  #length = 0;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  succeeded(): undefined {
    this.#length = 0;
  }

  failed(): string | undefined {
    this.#length++;
    if (this.#length < this.#threshold) return undefined;
    return this.#length === 1 ? 'a call failed' : `${this.#length} calls in a row failed`;
  }
}
