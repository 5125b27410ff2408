import { describe, expect, it } from 'vitest';
import { constantBackoff, exponentialBackoff } from './backoff.ts';
import { circuitBreaker } from './breaker/breaker.ts';
import { openForRetryAfter } from './breaker/open-time.ts';
import { recoveryRamp } from './breaker/ramp.ts';
import { bulkhead } from './bulkhead.ts';
import { InvalidOptionsError } from './errors.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';
import { checkOptions, group, having, must, oneOf, range } from './option-rules.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { retryBudget } from './retry-budget.ts';
import { timeout } from './timeout.ts';

const makers: Readonly<Record<string, (options: never) => unknown>> = {
  ...{ circuitBreaker, recoveryRamp, openForRetryAfter, retry, retryBudget, exponentialBackoff, constantBackoff },
  ...{ timeout, bulkhead, rateLimiter, hedge, fallback },
};

const rules = {
  name: 'string',
  size: range({ min: 1, integer: true, unit: 'items' }),
  order: oneOf('first', 'last'),
  clock: having('now', 'wallNow'),
  limits: group({ soft: range({ min: 0, unit: 'ms' }) }),
  even: must((value) => Number(value) % 2 === 0, 'an even number'),
} as const;

function faultsOf(options: unknown, required?: readonly string[]): readonly string[] {
  try {
    checkOptions('make', options as object, rules, required);
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.faults.map(({ path, expected }) => `${path}: ${expected}`);
    throw error;
  }
  return [];
}

describe('a table of rules', () => {
  it('finds nothing wrong with options that are not given, unless they are required', () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ size: undefined })).toEqual([]);
    expect(faultsOf({}, ['size'])).toEqual(['size: an integer of at least 1 items']);
  });

  it('finds every fault, those in groups too, the names that are unknown first', () => {
    const options = { sise: 1, name: 5, size: 0, order: 'any', clock: { now: () => 0 }, limits: { hard: 1 }, even: 3 };
    expect(faultsOf(options)).toEqual([
      'sise: one of the options name, size, order, clock, limits, even',
      'name: a string',
      'size: an integer of at least 1 items',
      "order: one of 'first', 'last'",
      'clock: an object with now() and wallNow()',
      'limits.hard: one of the options soft',
      'even: an even number',
    ]);
    expect(faultsOf({ limits: [] })).toEqual(['limits: an object']);
  });

  it('answers what was judged, each option read once, with the defaults for what is not given', () => {
    let reads = 0;
    const options = {
      get size() {
        return ++reads;
      },
      order: undefined,
    };
    const settings = checkOptions('make', options, rules, [], { order: 'first', name: 'it' });
    expect(settings).toMatchObject({ size: 1, order: 'first', name: 'it' });
    expect(reads).toBe(1);
  });

  it('calls the options after their maker and their name', () => {
    expect(() => checkOptions('make', { name: 'orders', size: 0 }, rules)).toThrow(/^make 'orders': size is 0/);
    expect(() => checkOptions('make', { size: 0 }, rules)).toThrow(/^make: size is 0/);
  });
});

it.each(Object.entries(makers))(
  '%s refuses what are no options, and a part that it could not run on',
  (_name, make) => {
    for (const options of [null, 7, [], 'fast']) {
      expect(() => make(options as never)).toThrowError(InvalidOptionsError);
      expect(() => make(options as never)).toThrow(/: options is/);
    }
    expect(() => make({ registry: 7 } as never)).toThrow(/registry is 7/);
  },
);
