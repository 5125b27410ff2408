import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../errors.ts';
import { consecutiveFailures } from './trip-rule.ts';

describe('consecutiveFailures', () => {
  it('gives a reason to open at the n-th failure in a row, and not before', () => {
    const record = consecutiveFailures(3).begin();
    expect([1, 2, 3].map(() => record.failed(Number.NaN, undefined))).toEqual([
      undefined,
      undefined,
      '3 calls in a row failed',
    ]);
  });

  it('says so in words when one failure is enough', () => {
    expect(consecutiveFailures(1).begin().failed(Number.NaN, undefined)).toBe('a call failed');
  });

  it('starts counting anew at a success', () => {
    const record = consecutiveFailures(2).begin();
    record.failed(Number.NaN, undefined);
    expect(record.succeeded(Number.NaN, undefined)).toBeUndefined();
    expect(record.failed(Number.NaN, undefined)).toBeUndefined();
  });

  it('keeps the records of several breakers apart', () => {
    const rule = consecutiveFailures(2);
    const [one, other] = [rule.begin(), rule.begin()];
    one.failed(Number.NaN, undefined);
    expect(other.failed(Number.NaN, undefined)).toBeUndefined();
    expect(one.failed(Number.NaN, undefined)).toBe('2 calls in a row failed');
  });

  it('needs neither time nor durations', () => {
    expect(consecutiveFailures(5).needs).toBe('counts');
  });

  it('refuses a threshold that is no whole number of at least 1', () => {
    for (const threshold of [0, -1, 1.5, Number.NaN, Infinity, '5' as never]) {
      expect(() => consecutiveFailures(threshold)).toThrow(InvalidOptionsError);
    }
  });
});
