/**
 * Owns what a breaker can be told: its options, their defaults and their bounds.
 * Must never know what a breaker does with them.
 */
import { type Clock, systemClock } from '../clock.ts';
import type { AbortSignal } from '../deadline.ts';
import type { ListenerFailed } from '../hooks.ts';
import type { MeterMaker } from '../metrics/policy-metrics.ts';
import { checkOptions, faultsOf, group, having, type OptionRules, range } from '../option-rules.ts';
import type { Verdict } from '../outcome.ts';
import { CLOCK, NAME, REGISTRY } from '../parts.ts';
import { type Random, systemRandom } from '../random.ts';
import type { Recovery, Restore } from './state.ts';
import { TRIP_RULE, type TripRule } from './trip-rule.ts';

/** An opening, for a function that decides how long it lasts. */
export interface Opening {
  /** How often the breaker has opened since it was last closed and recovered; the first is 1. */
  readonly openings: number;
  /** How long ago the first of those openings was, in ms. */
  readonly openForMs: number;
  /** What the last failure was. */
  readonly cause: unknown;
  /** The breaker's own chance, for jitter. */
  readonly random: Random;
}

/** How a breaker finds out whether it may close. */
export interface HalfOpenOptions {
  /** Most probes under way at once. Default 1. */
  readonly probes?: number | undefined;
  /** Probes that have to succeed, with no failure between, before the breaker closes. Default 2. */
  readonly successes?: number | undefined;
  /** How long a probe keeps its place without an outcome, in ms; then another caller may have it. Default 30,000. */
  readonly leaseMs?: number | undefined;
}

/** Options of a circuit breaker. */
export interface CircuitBreakerOptions {
  /** Appears in errors, events and metrics. */
  readonly name: string;
  /** When to open. */
  readonly trip: TripRule;
  /**
   * How long it stays open before it probes, in ms; Infinity: until told. A function is asked at each opening, and may answer
   * a day at most.
   */
  readonly openForMs: number | ((opening: Opening) => number);
  /** How it finds out whether it may close. Default: one probe at a time, and two in a row have to succeed. */
  readonly halfOpen?: HalfOpenOptions | undefined;
  /**
   * What `recoveryRamp` gives: lets a growing share of the calls pass once probes have closed it, and refuses the others. An
   * opening meanwhile counts on from the one before it. Default: all pass at once.
   */
  readonly recovery?: Recovery | undefined;
  /**
   * What `fromSnapshot` gives: to begin in the state that another breaker had, perhaps in another process. What was left of
   * its open time is waited, by the wall clock; a half-open breaker begins with a probe; what holds it isolated is released by
   * its `isolations`.
   */
  readonly restore?: Restore | undefined;
  /** The verdict on an error of `execute`. Default `judgeErrorByDefault`, which is also asked when this one throws. */
  readonly judgeError?: ((error: unknown, signal?: AbortSignal) => Verdict) | undefined;
  /** The verdict on a result of `execute`. Default: every result is a success. */
  readonly judgeResult?: ((result: unknown) => Verdict) | undefined;
  /** Refuses nobody, and tells with `would-refuse` what it would have done. Default false. */
  readonly dryRun?: boolean | undefined;
  /** What times are read from. Default `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Chance for `openForMs`, where that is a function. Default `systemRandom`. */
  readonly random?: Random | undefined;
  /**
   * A `Registry`, to count calls and changes of state in: `cryo_breaker_*`, with the label `breaker`.
   * The name has to be its own there: of two with one name the gauges read the newer alone.
   */
  readonly registry?: MeterMaker<'breaker'> | undefined;
  /** Told when a listener, a judge, `openForMs`, `trip` or `recovery` throws, or answers what it may not. */
  readonly listenerFailed?: ListenerFailed | undefined;
}

/** The options as a breaker keeps them. */
export interface BreakerSettings extends Omit<CircuitBreakerOptions, 'halfOpen' | 'restore' | 'registry'> {
  readonly probes: number;
  readonly successes: number;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** The longest that a function can ask for, in ms: an overflow in its arithmetic must not close the door for good. */
export const LONGEST_OPEN_MS = 86_400_000;

const LEASE_MS = 30_000;
const MOST_PROBES = 1_000;

const OPEN_MS = range({ min: 0, infinity: true, unit: 'ms, or a function that answers one' });

/** The rules for {@link CircuitBreakerOptions}, and what of them is required. */
export const BREAKER_RULES: OptionRules = {
  name: NAME,
  trip: TRIP_RULE,
  openForMs: (path, value) => (typeof value === 'function' ? [] : faultsOf(OPEN_MS, path, value)),
  halfOpen: group({
    probes: range({ min: 1, max: MOST_PROBES, integer: true, unit: 'probes at once' }),
    successes: range({ min: 1, integer: true, unit: 'probes' }),
    leaseMs: range({ above: 0, infinity: true, unit: 'ms' }),
  }),
  recovery: having('lineFrom', 'along'),
  restore: 'function',
  judgeError: 'function',
  judgeResult: 'function',
  dryRun: 'boolean',
  clock: CLOCK,
  random: 'function',
  registry: REGISTRY,
  listenerFailed: 'function',
};

export const REQUIRED = ['name', 'trip', 'openForMs'];

/** What a breaker is made from: its settings, and what it needs only once. */
export interface BreakerPlan extends Pick<CircuitBreakerOptions, 'registry' | 'restore'> {
  readonly settings: BreakerSettings;
}

/** @throws InvalidOptionsError listing every fault */
export function breakerPlan(options: CircuitBreakerOptions): BreakerPlan {
  const given = checkOptions('circuitBreaker', options, BREAKER_RULES, REQUIRED);
  const { name, trip, openForMs, halfOpen = {}, recovery, dryRun, judgeError, judgeResult, listenerFailed } = given;
  const { registry, restore, clock = systemClock, random = systemRandom } = given;
  const { probes = 1, successes = 2, leaseMs = LEASE_MS } = halfOpen;
  // Spelled out, so that all breakers have settings of one shape: engines find their way in it faster.
  const settings = {
    ...{ name, trip, openForMs, probes, successes, leaseMs, recovery, dryRun },
    ...{ judgeError, judgeResult, listenerFailed, clock, random },
  };
  return { settings, registry, restore };
}
