import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../errors.ts';
import { circuitBreaker } from './breaker.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { consecutiveFailures } from './trip-rule.ts';

const sound: CircuitBreakerOptions = { name: 'inventory', trip: consecutiveFailures(5), openForMs: 30_000 };

function faultsOf(options: object): readonly string[] {
  try {
    circuitBreaker(options as CircuitBreakerOptions);
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('the options of a breaker', () => {
  it('are enough with a name, a rule and an open time', () => {
    expect(faultsOf(sound)).toEqual([]);
  });

  it('are refused together when several are wrong, each with its value and what it should have been', () => {
    const wrong = { ...sound, name: '', openForMs: -5, halfOpen: { probes: 0, leaseMs: Number.NaN }, dryRun: 'yes' };
    expect(faultsOf(wrong)).toEqual(['name', 'openForMs', 'halfOpen.probes', 'halfOpen.leaseMs', 'dryRun']);
    expect(() => circuitBreaker(wrong as unknown as CircuitBreakerOptions)).toThrow(/openForMs is -5, expected .* ms/); // untyped
  });

  it('are refused when they are missing', () => {
    expect(faultsOf({})).toEqual(['name', 'trip', 'openForMs']);
  });

  it('are refused when their name is misspelt', () => {
    expect(faultsOf({ ...sound, openFor: 10, halfOpen: { probe: 1 } })).toEqual(['openFor', 'halfOpen.probe']);
  });

  it('are refused when a number is zero, negative, infinite, fractional or none', () => {
    for (const probes of [0, -1, 1.5, Infinity, 1_001])
      expect(faultsOf({ ...sound, halfOpen: { probes } })).toHaveLength(1);
    for (const successes of [0, -1, 1.5, Infinity])
      expect(faultsOf({ ...sound, halfOpen: { successes } })).toHaveLength(1);
    for (const leaseMs of [0, -1, '1s']) expect(faultsOf({ ...sound, halfOpen: { leaseMs } })).toHaveLength(1);
    for (const openForMs of [-1, Number.NaN, '30s', null]) expect(faultsOf({ ...sound, openForMs })).toHaveLength(1);
  });

  it('are refused when a hook is no function or a rule is no rule', () => {
    for (const hook of ['judgeError', 'judgeResult', 'random', 'listenerFailed']) {
      expect(faultsOf({ ...sound, [hook]: 'no' })).toEqual([hook]);
    }
    for (const trip of [undefined, null, 5, {}]) expect(faultsOf({ ...sound, trip })).toEqual(['trip']);
  });

  it('may open for no time at all, or until told otherwise', () => {
    for (const openForMs of [0, Infinity]) expect(faultsOf({ ...sound, openForMs })).toEqual([]);
  });
});
