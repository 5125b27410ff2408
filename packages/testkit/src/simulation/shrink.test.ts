import { createPool } from '@cryo/pool-core';
import { expect, test } from 'vitest';
import { replay, simulate } from './run.ts';
import { shrink } from './shrink.ts';
import type { PoolMaker } from './world.ts';

/** Lets requests wait for a second longer than they asked. */
const dawdling: PoolMaker = (options) => {
  const pool = createPool(options);
  const timeoutMs = options.acquire?.timeoutMs ?? 0;
  const acquire: typeof pool.acquire = (asked) =>
    pool.acquire({ ...asked, timeoutMs: 1_000 + (asked?.timeoutMs ?? timeoutMs) });
  return Object.create(pool, { acquire: { value: acquire } });
};

test('a bad day shrinks to a few of its steps, which show the same fault again', { timeout: 60_000 }, async () => {
  const options = { steps: 200, createPool: proxied(dawdling) };
  const { failures } = await simulate({ ...options, runs: 50, seed: 1, mostFailures: 1 });
  const [failure] = failures;
  if (failure === undefined) throw new Error('the planted fault was not found');
  const { only, failure: shrunk } = await shrink(failure, options);
  expect(shrunk.invariant).toBe('I2');
  expect(only.length).toBeLessThan(8);
  const again = await replay(failure.seed, { ...options, only });
  expect(again.failure?.message).toBe(shrunk.message);
});

/** Private members of a pool are reached through itself only. */
function proxied(make: PoolMaker): PoolMaker {
  return (options) => {
    const changed = make(options);
    const pool = Object.getPrototypeOf(changed);
    return new Proxy(pool, {
      get(target, name) {
        if (name === 'acquire') return changed.acquire;
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  };
}
