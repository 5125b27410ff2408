import { createPool } from '@cryo/pool-core';
import { seededRandom } from '@cryo/resilience/testing';
import { expect, test } from 'vitest';
import { hostile } from '../../test/hostile.ts';
import { simulate } from './run.ts';

test('a driver that breaks every rule at once costs no slot, no waiter and no process', async () => {
  const { runs, failures } = await simulate({
    runs: 400,
    seed: 1,
    steps: 150,
    mostFailures: 1,
    createPool(options) {
      const random = seededRandom(Math.floor((options.random?.() ?? 0) * 2 ** 31));
      return createPool({ ...options, driver: hostile(options.driver, random) });
    },
  });
  expect(failures.map(({ seed, message, trace }) => [seed, message, ...trace.slice(-20)])).toEqual([]);
  expect(runs).toBe(400);
});
