/**
 * Owns what keyed breakers can be told: their options, their defaults and their bounds.
 * Must never know what becomes of a key.
 */
import { type Clock, systemClock } from '../clock.ts';
import { InvalidOptionsError } from '../errors.ts';
import type { Registry } from '../metrics/registry.ts';
import { OptionCheck } from '../options.ts';
import { breakerSettings, type CircuitBreakerOptions } from './options.ts';

/** Options of keyed breakers. */
export interface KeyedBreakersOptions {
  /** The breaker of the key `eu` is called `<name>/eu` in errors, events and metrics. */
  readonly name: string;
  /** What every one of the breakers is told. */
  readonly breaker: Omit<CircuitBreakerOptions, 'name' | 'restore' | 'registry'> & {
    readonly registry?: Registry | undefined;
  };
  /** The most breakers at once. Default 1,000. */
  readonly maximumKeys?: number | undefined;
  /**
   * How long a breaker is kept that nobody asks for and that does not change, in ms, or Infinity. It has to be longer than a
   * breaker stays open. Default 600,000, which is 10 minutes, or twice `breaker.openForMs` if that is longer.
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

const IDLE_MS = 600_000;
const MOST_KEYS = 1_000_000;
const KNOWN = ['name', 'breaker', 'maximumKeys', 'idleMs', 'metricKeys'];

/** @throws InvalidOptionsError listing every fault, those of the breakers among them */
export function keyedSettings(options: KeyedBreakersOptions): KeyedSettings {
  const given = new OptionCheck('keyedBreakers');
  if (!given.type('options', options, 'object')) given.throwIfFaulty();
  const { name, breaker, maximumKeys = 1_000, metricKeys = 100 } = options;
  const openForMs = typeof breaker?.openForMs === 'number' ? breaker.openForMs : 0;
  const { idleMs = openForMs > IDLE_MS / 2 ? 2 * openForMs : IDLE_MS } = options;
  const check = new OptionCheck(typeof name === 'string' ? `keyedBreakers '${name}'` : 'keyedBreakers');
  check.unknownKeys('', options, KNOWN);
  if (check.type('name', name, 'string') && name === '') check.fault('name', name, 'a name');
  if (check.type('breaker', breaker, 'object')) checkBreaker(check, breaker);
  check.number('maximumKeys', maximumKeys, { min: 1, max: MOST_KEYS, integer: true, unit: 'keys' });
  check.number('metricKeys', metricKeys, { min: 0, max: MOST_KEYS, integer: true, unit: 'keys' });
  const isDuration = check.number('idleMs', idleMs, { above: 0, infinity: true, unit: 'ms' });
  if (isDuration) checkIdle(check, idleMs, openForMs);
  check.throwIfFaulty();
  return { name, breaker: { ...breaker }, maximumKeys, idleMs, metricKeys, clock: breaker.clock ?? systemClock };
}

/** Whoever is dropped while open would be closed when next asked for. */
function checkIdle(check: OptionCheck, idleMs: number, openForMs: number): void {
  if (idleMs === Infinity || idleMs > openForMs) return;
  const expected = openForMs === Infinity ? 'Infinity' : `a number above ${openForMs} ms`;
  check.fault('idleMs', idleMs, `${expected}, as long as breaker.openForMs is ${openForMs}`);
}

/** A breaker says itself what it cannot be told. */
function checkBreaker(check: OptionCheck, breaker: KeyedBreakersOptions['breaker']): void {
  if ('name' in breaker) check.fault('breaker.name', breaker.name, 'no name: each breaker is called after its key');
  if ('restore' in breaker)
    check.fault('breaker.restore', breaker.restore, 'no snapshot: it would be that of every key');
  try {
    breakerSettings({ ...breaker, name: 'breaker' });
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    for (const { path, value, expected } of error.faults) check.fault(`breaker.${path}`, value, expected);
  }
}
