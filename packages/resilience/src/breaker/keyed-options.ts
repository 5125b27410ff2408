/**
 * Owns what keyed breakers can be told: their options, their defaults and their bounds.
 * Must never know what becomes of a key.
 */
import { type Clock, systemClock } from '../clock.ts';
import type { OptionFault } from '../errors.ts';
import type { Registry } from '../metrics/registry.ts';
import { checkOptions, faultsOf, group, never, type OptionRule, type OptionRules, range } from '../option-rules.ts';
import { NAME } from '../parts.ts';
import { BREAKER_RULES, type CircuitBreakerOptions, REQUIRED } from './options.ts';

/** Options of keyed breakers. */
export interface KeyedBreakersOptions {
  /**
   * The breaker of the key `eu` is called `<name>/eu` in errors, events and metrics. In a registry the name has to be its own:
   * a key that is dropped takes the metrics of that name with it.
   */
  readonly name: string;
  /** What every one of the breakers is told. */
  readonly breaker: Omit<CircuitBreakerOptions, 'name' | 'restore' | 'registry'> & {
    readonly registry?: Registry | undefined;
  };
  /** The most breakers at once. Default 1,000. */
  readonly maximumKeys?: number | undefined;
  /**
   * How long a breaker is kept that nobody asks for and that does not change, in ms, or Infinity; longer where its open time or
   * its ramp is not over. It has to be longer than `breaker.openForMs`. Default 600,000, which is 10 minutes, or twice
   * `breaker.openForMs` if that is longer.
   */
  readonly idleMs?: number | undefined;
  /**
   * The most keys with metrics of their own; all others share the metrics of `<name>/other`, where calls and changes are
   * added up and a state reads 1 while any of them is in it. Default 100, where the advice of Prometheus on the number of
   * values of a label ends.
   */
  readonly metricKeys?: number | undefined;
}

/** The options as keyed breakers keep them. */
export interface KeyedSettings {
  readonly name: string;
  readonly breaker: KeyedBreakersOptions['breaker'];
  readonly maximumKeys: number;
  readonly idleMs: number;
  readonly metricKeys: number;
  readonly clock: Clock;
}

const DEFAULTS = { maximumKeys: 1_000, metricKeys: 100 };
const IDLE_MS = 600_000;
const MOST_KEYS = 1_000_000;

const IDLE = range({ above: 0, infinity: true, unit: 'ms' });

/** @throws InvalidOptionsError listing every fault, those of the breakers among them */
export function keyedSettings(options: KeyedBreakersOptions): KeyedSettings {
  const breaker: Partial<KeyedSettings['breaker']> = {};
  const rules: OptionRules = {
    name: NAME,
    breaker: breakerRule(breaker),
    maximumKeys: range({ min: 1, max: MOST_KEYS, integer: true, unit: 'keys' }),
    metricKeys: range({ min: 0, max: MOST_KEYS, integer: true, unit: 'keys' }),
    // After the breaker, which has been read by then.
    idleMs: (path, value) => idleFaults(path, value, openTimeOf(breaker)),
  };
  const settings = checkOptions('keyedBreakers', options, rules, ['name', 'breaker'], DEFAULTS);
  const { idleMs = Math.max(IDLE_MS, 2 * openTimeOf(breaker)) } = settings;
  return { ...settings, breaker: breaker as KeyedSettings['breaker'], idleMs, clock: breaker.clock ?? systemClock };
}

function openTimeOf({ openForMs }: Partial<KeyedSettings['breaker']>): number {
  return typeof openForMs === 'number' ? openForMs : 0;
}

/** Whoever is dropped while open would be closed when next asked for. */
function idleFaults(path: string, value: unknown, openForMs: number): readonly OptionFault[] {
  const faults = faultsOf(IDLE, path, value);
  if (faults.length > 0 || value === Infinity || Number(value) > openForMs) return faults;
  const least = openForMs === Infinity ? 'Infinity' : `a number above ${openForMs} ms`;
  return [{ path, value, expected: `${least}, as long as breaker.openForMs is ${openForMs}` }];
}

/** A breaker says itself what it cannot be told. */
function breakerRule(found: object): OptionRule {
  const rules = {
    ...BREAKER_RULES,
    name: never('no name: each breaker is called after its key'),
    restore: never('no snapshot: it would be that of every key'),
  };
  return group(rules, REQUIRED.slice(1), found as Record<string, unknown>);
}
