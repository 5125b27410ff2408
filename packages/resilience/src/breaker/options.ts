/**
 * Owns what a breaker can be told: its options, their defaults and their bounds.
 * Must never know what a breaker does with them.
 */
import { type Clock, systemClock } from '../clock.ts';
import type { AbortSignal } from '../deadline.ts';
import type { ListenerFailed } from '../hooks.ts';
import type { Registry } from '../metrics/registry.ts';
import { OptionCheck } from '../options.ts';
import type { Verdict } from '../outcome.ts';
import { checkParts } from '../parts.ts';
import { type Random, systemRandom } from '../random.ts';
import { checkSnapshot } from './restore.ts';
import type { BreakerSnapshot } from './snapshot.ts';
import type { TripRule } from './trip-rule.ts';

/** An opening, for a function that decides how long it lasts. */
export interface Opening {
  /** How often the breaker has opened since it was last closed and recovered; the first is 1. */
  readonly openings: number;
  /** How long ago the first of those openings was, in ms. */
  readonly openForMs: number;
  /** What the last failure was. */
  readonly cause: unknown;
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

/** How a breaker that has closed comes back to all calls. */
export interface RecoveryOptions {
  /** How long that takes, in ms. */
  readonly rampMs: number;
  /** The share of calls that passes at first, from 0 and below 1. Default 0.1, as in Envoy's slow start. */
  readonly from?: number | undefined;
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
  readonly halfOpen?: HalfOpenOptions | undefined;
  /**
   * Lets a growing share of the calls pass once probes have closed it, and refuses the others. Default: all pass at once.
   * An opening meanwhile counts on from the one before it.
   */
  readonly recovery?: RecoveryOptions | undefined;
  /**
   * What `snapshot()` gave, perhaps in another process, to begin in that state. What it was open for still is waited; a
   * half-open breaker begins with a probe; what holds it isolated is released by its `isolations`.
   */
  readonly restore?: BreakerSnapshot | undefined;
  /** The verdict on an error of `execute`. Default `judgeErrorByDefault`, which is also asked when this one throws. */
  readonly judgeError?: ((error: unknown, signal?: AbortSignal) => Verdict) | undefined;
  /** The verdict on a result of `execute`. Default: every result is a success. */
  readonly judgeResult?: ((result: unknown) => Verdict) | undefined;
  /** Refuses nobody, and tells with `would-refuse` what it would have done. Default false. */
  readonly dryRun?: boolean | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** Where to count calls and changes of state: `cryo_breaker_*`, with the label `breaker`. */
  readonly registry?: Registry | undefined;
  /** Told when a listener, a judge or `openForMs` throws, or answers what it may not. */
  readonly listenerFailed?: ListenerFailed | undefined;
}

/** The options as a breaker keeps them. */
export interface BreakerSettings {
  readonly name: string;
  readonly trip: TripRule;
  readonly openForMs: CircuitBreakerOptions['openForMs'];
  readonly probes: number;
  readonly successes: number;
  readonly leaseMs: number;
  readonly recovery: { readonly rampMs: number; readonly from: number } | undefined;
  readonly judgeError: CircuitBreakerOptions['judgeError'];
  readonly judgeResult: CircuitBreakerOptions['judgeResult'];
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly listenerFailed: ListenerFailed | undefined;
}

const LEASE_MS = 30_000;
const MOST_PROBES = 1_000;
const RAMP_FROM = 0.1;
const KNOWN = [
  ...['name', 'trip', 'openForMs', 'halfOpen', 'recovery', 'restore', 'judgeError', 'judgeResult', 'dryRun'],
  ...['clock', 'random', 'registry', 'listenerFailed'],
];

/** @throws InvalidOptionsError listing every fault */
export function breakerSettings(options: CircuitBreakerOptions): BreakerSettings {
  checkOptions(options);
  const { name, trip, openForMs, halfOpen = {}, dryRun = false, clock = systemClock, random = systemRandom } = options;
  const { probes = 1, successes = 2, leaseMs = LEASE_MS } = halfOpen;
  const { judgeError, judgeResult, listenerFailed } = options;
  const recovery = options.recovery && { rampMs: options.recovery.rampMs, from: options.recovery.from ?? RAMP_FROM };
  return {
    ...{ name, trip, openForMs, probes, successes, leaseMs, recovery, judgeError, judgeResult },
    ...{ dryRun, clock, random, listenerFailed },
  };
}

function checkOptions(options: CircuitBreakerOptions): void {
  const given = new OptionCheck('circuitBreaker');
  if (!given.type('options', options, 'object')) given.throwIfFaulty();
  const { name, trip, openForMs, halfOpen, dryRun } = options;
  const check = new OptionCheck(typeof name === 'string' ? `circuitBreaker '${name}'` : 'circuitBreaker');
  check.unknownKeys('', options, KNOWN);
  if (check.type('name', name, 'string') && name === '') check.fault('name', name, 'a name');
  if (typeof trip?.begin !== 'function') check.fault('trip', trip, 'a trip rule, such as consecutiveFailures(5)');
  else check.oneOf('trip.needs', trip.needs, ['counts', 'time', 'durations']);
  if (typeof openForMs !== 'function') {
    check.number('openForMs', openForMs, { min: 0, infinity: true, unit: 'ms, or a function that answers one' });
  }
  if (halfOpen !== undefined && check.type('halfOpen', halfOpen, 'object')) checkHalfOpen(check, halfOpen);
  const { recovery, restore } = options;
  if (recovery !== undefined && check.type('recovery', recovery, 'object')) checkRecovery(check, recovery);
  if (restore !== undefined) checkSnapshot(check, restore);
  if (dryRun !== undefined) check.type('dryRun', dryRun, 'boolean');
  for (const hook of ['judgeError', 'judgeResult', 'random', 'listenerFailed'] as const) {
    if (options[hook] !== undefined) check.type(hook, options[hook], 'function');
  }
  checkParts(check, { clock: options.clock, registry: options.registry });
  check.throwIfFaulty();
}

function checkRecovery(check: OptionCheck, { rampMs, from, ...others }: RecoveryOptions): void {
  check.unknownKeys('recovery', others, ['rampMs', 'from']);
  check.number('recovery.rampMs', rampMs, { above: 0, unit: 'ms' });
  if (from === undefined) return;
  const isShare = typeof from === 'number' && from >= 0 && from < 1;
  if (!isShare) check.fault('recovery.from', from, 'a share of the calls, from 0 and below 1');
}

function checkHalfOpen(check: OptionCheck, { probes, successes, leaseMs, ...others }: HalfOpenOptions): void {
  check.unknownKeys('halfOpen', others, ['probes', 'successes', 'leaseMs']);
  if (probes !== undefined) {
    check.number('halfOpen.probes', probes, { min: 1, max: MOST_PROBES, integer: true, unit: 'probes at once' });
  }
  if (successes !== undefined) check.number('halfOpen.successes', successes, { min: 1, integer: true, unit: 'probes' });
  if (leaseMs !== undefined) check.number('halfOpen.leaseMs', leaseMs, { above: 0, infinity: true, unit: 'ms' });
}
