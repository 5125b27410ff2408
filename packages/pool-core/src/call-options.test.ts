import { InvalidOptionsError } from '@cryo/resilience';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCall, type PoolCall, parseBounds } from './call-options.ts';

describe('the options of one call', () => {
  const { signal } = new AbortController();

  it.each<[PoolCall, object]>([
    ['acquire', {}],
    ['acquire', { signal, timeoutMs: 5, label: 'report' }],
    ['acquire', { signal: undefined, timeoutMs: undefined, label: undefined }],
    ['acquire', { timeoutMs: Infinity }],
    ['use', { priority: 'low' }],
    ['use', { deadline: 5_000, timeoutMs: 0.1, label: '' }],
    ['use', { deadline: Infinity }],
    ['tryAcquire', { label: 'x' }],
    ['ready', { signal, timeoutMs: 5 }],
    ['close', { timeoutMs: 5 }],
  ])('are taken by %s: %o', (call, options) => {
    expect(() => checkCall('orders', call, options)).not.toThrow();
  });

  it.each<[PoolCall, unknown, RegExp]>([
    ['acquire', { timeoutMs: 0 }, /timeoutMs is 0, expected a number above 0 ms, or Infinity$/],
    ['acquire', { timeoutMs: Number.NaN }, /timeoutMs is NaN/],
    ['acquire', { timeoutMs: '5' }, /timeoutMs is '5'/],
    ['acquire', { timeoutMs: null }, /timeoutMs is null/],
    [
      'acquire',
      { timeout: 5 },
      /timeout is 5, expected one of the options signal, timeoutMs, label, priority, deadline$/,
    ],
    ['acquire', { label: 5 }, /label is 5, expected a string/],
    ['acquire', { priority: 'urgent' }, /priority is 'urgent', expected one of 'high', 'normal', 'low'/],
    [
      'acquire',
      { signal: new AbortController() },
      /signal is an object, expected an AbortSignal, as in controller\.signal/,
    ],
    ['acquire', { signal: true }, /signal is true/],
    ['acquire', 5_000, /options is 5000, expected an object/],
    ['acquire', null, /options is null/],
    ['tryAcquire', { timeoutMs: 5 }, /timeoutMs is 5, expected one of the options label/],
    ['use', { deadline: Number.NaN }, /deadline is NaN, expected a number ms on the pool's clock, or Infinity/],
    ['close', { timeoutMs: -1 }, /timeoutMs is -1/],
  ])('are refused by %s: %o', (call, options, message) => {
    const check = () => checkCall('orders', call, options as object);
    expect(check).toThrow(InvalidOptionsError);
    expect(check).toThrow(message);
    expect(check).toThrow(`Pool 'orders': ${call}: `);
  });

  it('are refused with all faults at once', () => {
    const check = () => checkCall('orders', 'acquire', { timeoutMs: -1, label: 7, wait: true } as object);
    expect(check).toThrow(/wait is true.*timeoutMs is -1.*label is 7/);
  });
});

describe('new bounds', () => {
  const fixed = { min: 3, max: 10, absoluteMax: 10 };
  const roomy = { min: 3, max: 10, absoluteMax: 50 };

  it('are what was asked for; what was not stays', () => {
    expect(parseBounds('orders', { min: 5, max: 20 }, roomy)).toEqual({ min: 5, max: 20, absoluteMax: 50 });
    expect(parseBounds('orders', { max: 20 }, roomy)).toEqual({ min: 3, max: 20, absoluteMax: 50 });
    expect(parseBounds('orders', { min: 1 }, roomy)).toEqual({ min: 1, max: 10, absoluteMax: 50 });
    expect(parseBounds('orders', {}, roomy)).toEqual(roomy);
  });

  it('move the bound that was not given where the two would contradict each other', () => {
    expect(parseBounds('orders', { max: 2 }, roomy)).toEqual({ min: 2, max: 2, absoluteMax: 50 });
    expect(parseBounds('orders', { min: 30 }, roomy)).toEqual({ min: 30, max: 30, absoluteMax: 50 });
  });

  it('take the absolute maximum along where nobody asked for room above', () => {
    expect(parseBounds('orders', { max: 30 }, fixed)).toEqual({ min: 3, max: 30, absoluteMax: 30 });
    expect(parseBounds('orders', { max: 5 }, fixed)).toEqual({ min: 3, max: 5, absoluteMax: 5 });
  });

  it.each<[unknown, RegExp]>([
    [{ min: 6, max: 5 }, /min is 6, expected at most max, 5 connections/],
    [{ max: 51 }, /max is 51, expected an integer from 1 to 50 connections/],
    [{ min: 51 }, /min is 51, expected an integer from 0 to 50 connections/],
    [{ min: -1, max: 1.5 }, /Pool 'orders': resize: min is -1.*max is 1\.5/],
    [{ max: null }, /max is null/],
    [{ maximum: 5 }, /maximum is 5, expected one of the options min, max/],
    [null, /options is null/],
    [5, /options is 5/],
  ])('are refused where they are impossible: %j', (given, message) => {
    expect(() => parseBounds('orders', given as object, roomy)).toThrow(message);
  });

  it('agree with each other whatever was asked for, or are refused', () => {
    const bound = fc.option(fc.integer({ min: -2, max: 60 }), { nil: undefined });
    fc.assert(
      fc.property(bound, bound, fc.constantFrom(fixed, roomy), (min, max, baseline) => {
        const given = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
        try {
          const bounds = parseBounds('orders', given, baseline);
          expect(bounds).toMatchObject(given);
          expect(bounds.min).toBeLessThanOrEqual(bounds.max);
          expect(bounds.max).toBeLessThanOrEqual(bounds.absoluteMax);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidOptionsError);
        }
      }),
    );
  });
});
