import { createPool } from '@cryo/pool-core';
import { expect, test } from 'vitest';
import { enumerate } from './enumerate.ts';

test('no order of four things that can happen to a small pool breaks a promise', { timeout: 300_000 }, async () => {
  expect(await enumerate({ depth: 4 })).toEqual({ days: 11 ** 4, failures: [] });
});

test('a fault that needs two things in one order is found', async () => {
  const { failures } = await enumerate({
    depth: 2,
    createPool: (options) => createPool({ ...options, acquire: { ...options.acquire, timeoutMs: 1_000 } }),
  });
  expect(failures[0]).toMatchObject({ day: ['acquire', 'stall'], invariant: 'I2' });
});

test('a depth that would take for ever is refused', async () => {
  await expect(enumerate({ depth: 9 })).rejects.toThrow('depth is 9');
});
