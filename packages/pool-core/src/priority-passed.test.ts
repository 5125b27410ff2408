import { channel } from 'node:diagnostics_channel';
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import { expect, onTestFinished, test } from 'vitest';
import { watchNestedAcquires } from './node.ts';
import { createPool } from './pool.ts';
import { createPoolMap } from './pool-map.ts';
import type { AcquireOptions } from './request.ts';
import { simulatedDriver } from './testing/simulated-driver.ts';
import { tracePool } from './tracing.ts';

/** The two calls that may wait, of whatever stands before the pool. */
interface Asked {
  acquire(options?: AcquireOptions): Promise<{ release(): void }>;
  use(work: () => void, options?: AcquireOptions): Promise<void>;
}

const size = { min: 0, max: 1 };

function createParts() {
  const clock = new VirtualClock();
  const { driver } = simulatedDriver({ clock, timers: clock, random: seededRandom(1) });
  return { driver, size, clock, timers: clock, random: seededRandom(2) };
}

function traced(parts: ReturnType<typeof createParts>): Asked {
  for (const name of ['use', 'acquire', 'lease']) {
    const hear = () => {};
    const start = channel(`tracing:cryo.pool.${name}:start`);
    start.subscribe(hear);
    onTestFinished(() => void start.unsubscribe(hear));
  }
  return tracePool(createPool({ name: 'orders', ...parts }));
}

function mapped(parts: ReturnType<typeof createParts>): Asked {
  const { clock, timers } = parts;
  const create = (_key: string, own: { name: string }) => createPool({ ...parts, ...own });
  const pools = createPoolMap({ name: 'tenants', maxConnections: 1, create, clock, timers });
  return {
    acquire: (options) => pools.acquire('acme', options),
    use: (work, options) => pools.use('acme', work, options),
  };
}

const WAYS: readonly [string, (parts: ReturnType<typeof createParts>) => Asked][] = [
  [
    'a pool that watches for nested acquires',
    (parts) => watchNestedAcquires(createPool({ name: 'orders', ...parts }), {}),
  ],
  ['a traced pool', traced],
  ['a pool of a map', mapped],
];

/** Asks with two classes behind a holder, the lower one first; the answer tells who was served, in order. */
async function order(way: (typeof WAYS)[number][1], call: 'acquire' | 'use'): Promise<string[]> {
  const parts = createParts();
  const pool = way(parts);
  const first = pool.acquire();
  await parts.clock.advance(20);
  const served: string[] = [];
  const all = (['low', 'normal', 'high'] as const).map(async (priority) => {
    if (call === 'use') return pool.use(() => void served.push(priority), { priority });
    const lease = await pool.acquire({ priority });
    served.push(priority);
    lease.release();
  });
  (await first).release();
  await parts.clock.advance(20);
  await Promise.all(all);
  return served;
}

test.each(WAYS)('acquire of %s serves a higher class before a lower one', async (_name, way) => {
  expect(await order(way, 'acquire')).toEqual(['high', 'normal', 'low']);
});

test.each(WAYS)('use of %s serves a higher class before a lower one', async (_name, way) => {
  expect(await order(way, 'use')).toEqual(['high', 'normal', 'low']);
});
