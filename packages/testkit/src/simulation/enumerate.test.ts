import { createPool } from '@cryo/pool-core';
import { describe, expect, it } from 'vitest';
import { enumerate } from './enumerate.ts';

const LONG = { timeout: 300_000 };

describe('the enumeration', () => {
  it.each([
    [1, 4_911],
    [2, 7_352],
  ])('finds no order of seven core things that breaks a promise in a pool of %d', LONG, async (max, days) => {
    expect(await enumerate({ depth: 7, alphabet: 'core', max })).toMatchObject({ days, failures: [] });
  });

  it('finds no order of three things out of all of them that breaks a promise', LONG, async () => {
    expect(await enumerate({ depth: 3 })).toMatchObject({ days: 150, failures: [] });
  });

  it('finds a fault that needs four things in one order, and tells them', async () => {
    const { failures } = await enumerate({
      depth: 4,
      max: 1,
      mostFailures: 1_000,
      createPool: (options) => createPool({ ...options, driver: { ...options.driver, reset: () => {} } }),
    });
    const [invariant, day] = ['I10', ['acquire', 'acquire', 'dial ok', 'release']];
    expect(failures).toContainEqual(expect.objectContaining({ day, invariant }));
  });

  it('leaves out what could not happen, and knows an end that it has seen', async () => {
    // acquire, then acquire, cancel, dial ok, dial fail or tick; tick, then acquire or tick.
    expect(await enumerate({ depth: 2, alphabet: 'core' })).toEqual({ days: 7, ends: 7, failures: [] });
    const { days, ends } = await enumerate({ depth: 3, alphabet: 'core' });
    expect(ends).toBeLessThan(days);
  });

  it.each([
    [{ depth: 9 }, 'depth is 9'],
    [{ depth: 1, max: 3 }, 'max is 3'],
  ])('refuses %o', async (options, fault) => {
    await expect(enumerate(options)).rejects.toThrow(fault);
  });
});
