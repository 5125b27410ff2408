/**
 * Owns how long to wait before a retry, as pure arithmetic of the attempt, the wait before it and chance.
 * Must never know what is retried, nor wait itself.
 */
import { asNumber, checkOptions, faultsOf, type OptionRule, oneOf, peek, range } from './option-rules.ts';
import type { Random } from './random.ts';

/**
 * How a wait of nominal length `v` (already capped) is spread, so that clients which failed together do not return together:
 *
 * - `'none'`: exactly v
 * - `'full'`: evenly from [0, v): least work for the server and close to the shortest time to completion
 * - `'equal'`: evenly from [v / 2, v)
 * - `'decorrelated'`: evenly from [first wait, 3 × the wait before), the upper end capped
 * - a number f from 0 to 1: evenly from v × [1 − f, 1 + f), at least 1 ms
 *
 * The cap always lies inside the draw: capping what was drawn would let every client sleep exactly the cap.
 * Sources: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog 2015, for the names; the ± form is that of
 * common Python services, `delay + delay × f × uniform(−1, 1)` with `uniform(−1, 1)` = 2 × random − 1.
 */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated' | number;

/** Says how long to wait. An implementation is a value: the same arguments give the same answer. */
export interface Backoff {
  /**
   * The wait in ms before a retry.
   *
   * @param attempt 0 for the wait before the first retry
   * @param previousMs what this backoff answered before the retry before this one; undefined at attempt 0
   */
  delayMs(attempt: number, previousMs: number | undefined, random: Random): number;
}

/** Options of {@link constantBackoff}. */
export interface ConstantBackoffOptions {
  /** The nominal wait before each retry, in ms, from 0 and finite. */
  readonly delayMs: number;
  /** Default `'none'`. */
  readonly jitter?: Exclude<Jitter, 'decorrelated'> | undefined;
}

/** Options of {@link exponentialBackoff}. */
export interface ExponentialBackoffOptions {
  /** The nominal wait before the first retry, in ms, above 0 and finite. */
  readonly initialMs: number;
  /** No nominal wait is longer, in ms; at least `initialMs`, and finite. */
  readonly maxMs: number;
  /** What each nominal wait is multiplied by to give the next, from 1. Default 2. */
  readonly factor?: number | undefined;
  /** Default `'full'`. */
  readonly jitter?: Jitter | undefined;
}

const SHORTEST_FACTOR_DELAY_MS = 1;
const DECORRELATED_GROWTH = 3;

/**
 * The same nominal wait before every retry.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function constantBackoff(options: ConstantBackoffOptions): Backoff {
  const rules = { delayMs: range({ min: 0, unit: 'ms' }), jitter: jitterAmong('none', 'full', 'equal') };
  const { delayMs, jitter } = checkOptions('constantBackoff', options, rules, ['delayMs'], { jitter: 'none' as const });
  return { delayMs: (_attempt, _previousMs, random) => spread(delayMs, jitter, random) };
}

/**
 * A nominal wait of `initialMs × factor ^ attempt`, at most `maxMs`, at any attempt however large.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function exponentialBackoff(options: ExponentialBackoffOptions): Backoff {
  const least = asNumber(peek<ExponentialBackoffOptions>(options, 'initialMs').initialMs);
  const rules = {
    initialMs: range({ above: 0, unit: 'ms' }),
    maxMs: range(least > 0 && least < Infinity ? { min: least, unit: 'ms' } : { above: 0, unit: 'ms' }),
    factor: range({ min: 1, unit: '' }),
    jitter: jitterAmong('none', 'full', 'equal', 'decorrelated'),
  };
  const defaults = { factor: 2, jitter: 'full' as const };
  const { initialMs, maxMs, factor, jitter } = checkOptions(
    'exponentialBackoff',
    options,
    rules,
    ['initialMs', 'maxMs'],
    defaults,
  );
  return {
    delayMs: (attempt, previousMs = initialMs, random) =>
      jitter === 'decorrelated'
        ? between(initialMs, Math.max(initialMs, Math.min(maxMs, DECORRELATED_GROWTH * previousMs)), random)
        : spread(Math.min(initialMs * factor ** attempt, maxMs), jitter, random),
  };
}

function spread(delayMs: number, jitter: Exclude<Jitter, 'decorrelated'>, random: Random): number {
  if (jitter === 'none') return delayMs;
  if (typeof jitter === 'string') return between(jitter === 'full' ? 0 : delayMs / 2, delayMs, random);
  return Math.max(SHORTEST_FACTOR_DELAY_MS, delayMs + delayMs * jitter * (2 * random() - 1));
}

function between(low: number, high: number, random: Random): number {
  return low + (high - low) * random();
}

function jitterAmong(...names: readonly Jitter[]): OptionRule {
  return (path, value) =>
    faultsOf(typeof value === 'number' ? range({ min: 0, max: 1, unit: '' }) : oneOf(...names), path, value);
}
