import { InvalidOptionsError, type RegistryReading } from '@cryo/resilience';
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPool } from './pool.ts';
import { createPoolMap } from './pool-map.ts';
import { PoolMapClosedError } from './pool-map-contract.ts';
import type { MappedPoolParts, PoolMapOptions } from './pool-map-options.ts';
import type { SimulatedConnection } from './testing/ground-truth.ts';
import { simulatedDriver } from './testing/simulated-driver.ts';

type Options = Partial<PoolMapOptions<SimulatedConnection, ReturnType<typeof createPool<SimulatedConnection>>>>;

/** A map of pools over simulated drivers, of which it keeps every one that was made. */
function createRig(options: Options = {}) {
  const clock = new VirtualClock();
  const drivers: ReturnType<typeof simulatedDriver>[] = [];
  const create = (_key: string, parts: MappedPoolParts) => {
    const simulated = simulatedDriver({ clock, timers: clock, random: seededRandom(1), resets: false });
    drivers.push(simulated);
    const size = { min: 0, max: 20 };
    return createPool({ ...parts, driver: simulated.driver, size, clock, timers: clock, random: seededRandom(2) });
  };
  const pools = createPoolMap({ name: 'tenants', maxConnections: 4, create, clock, timers: clock, ...options });
  const told: string[] = [];
  pools.on('pool-created', ({ key }) => told.push(`created ${key}`));
  pools.on('pool-evicted', ({ key, reason }) => told.push(`evicted ${key}: ${reason}`));
  const hold = (ms: number) => () => new Promise<void>((resolve) => void clock.set(ms, resolve, { background: false }));
  /** Connections that the servers know, those being dialed included. */
  const live = () => drivers.reduce((sum, { truth }) => sum + truth.held.size + truth.runningCount.open, 0);
  const keys = () => pools.snapshot().pools.map(({ key }) => key);
  return { clock, pools, drivers, told, hold, live, keys, create };
}

test('the pool of a key is made when it is first asked for, and is the same from then on', async () => {
  const { clock, pools, told } = createRig();
  const first = pools.acquire('acme');
  const second = pools.use('acme', (connection) => connection.id);
  await clock.advance(10);
  expect(await second).toBe(2);
  (await first).release();
  expect(told).toEqual(['created acme']);
  expect(await pools.with('acme', (pool) => pool.name)).toBe('tenants/acme');
});

test('connections of all keys together never exceed the bound, and a key that waits gets idle ones of others', async () => {
  const { clock, pools, hold, live } = createRig({ maxConnections: 2 });
  const busy = [pools.use('a', hold(5)), pools.use('a', hold(5))];
  await clock.advance(20);
  await Promise.all(busy);
  expect(live()).toBe(2);
  const served = pools.use('b', (connection) => connection.id);
  await clock.advance(5);
  await served;
  expect(live()).toBe(2);
  expect(pools.snapshot()).toMatchObject({ connections: 2, maxConnections: 2, waiting: 0 });
});

test('a pool that nobody used is evicted after its time, one with a lease is not', async () => {
  const { clock, pools, told, keys } = createRig({ idleTimeoutMs: 1_000 });
  const lease = pools.acquire('held');
  await clock.advance(5);
  const used = pools.use('used', () => {});
  await clock.advance(5);
  await used;
  await clock.advance(3_000);
  expect(told).toContain('evicted used: unused');
  expect(keys()).toEqual(['held']);
  (await lease).release();
  await clock.advance(3_000);
  expect(keys()).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test('a new pool beyond the bound ends the one that was used least recently', async () => {
  const { clock, pools, told, keys } = createRig({ maxPools: 2 });
  for (const key of ['a', 'b', 'a', 'c']) {
    const used = pools.use(key, () => {});
    await clock.advance(5);
    await used;
  }
  expect(told.at(-2)).toBe('evicted b: room');
  expect(keys()).toEqual(['a', 'c']);
});

test('while all pools are in use there may be one more, which goes once somebody is done', async () => {
  const { clock, pools, keys } = createRig({ maxPools: 1, idleTimeoutMs: 40_000 });
  const [one, other] = [pools.acquire('a'), pools.acquire('b')];
  await clock.advance(5);
  expect(keys()).toEqual(['a', 'b']);
  (await one).release();
  (await other).release();
  await clock.advance(10_000);
  expect(keys()).toEqual(['b']);
});

test('whoever asks while a pool is being evicted is served by a new one', async () => {
  const { clock, pools, told, drivers } = createRig({ maxPools: 1 });
  const used = pools.use('a', () => {});
  await clock.advance(5);
  await used;
  const other = pools.use('b', () => {});
  const again = pools.use('a', (connection) => connection.alive);
  await clock.advance(10);
  await other;
  expect(await again).toBe(true);
  expect(told).toEqual(['created a', 'evicted a: room', 'created b', 'created a']);
  expect(drivers).toHaveLength(3);
});

test('metrics know a bounded number of keys, the others together, and make room when a pool goes', async () => {
  const { clock, pools } = createRig({ metricKeys: 2, idleTimeoutMs: 1_000 });
  for (const key of ['a', 'b', 'c', 'd', 'other']) {
    const used = pools.use(key, () => {});
    await clock.advance(5);
    await used;
  }
  expect(leasesByKey(pools.metrics.read())).toEqual({ a: 1, b: 1, other: 3 });
  await clock.advance(3_000);
  const used = pools.use('e', () => {});
  await clock.advance(5);
  await used;
  expect(leasesByKey(pools.metrics.read())).toEqual({ e: 1, other: 3 });
});

function leasesByKey({ metrics }: RegistryReading): Record<string, number> {
  const leases = metrics.filter(({ name }) => name === 'cryo_pool_map_leases_total');
  return Object.fromEntries(leases.map((one) => [one.labels.key, one.kind === 'histogram' ? 0 : one.value]));
}

test('close ends every pool, names the key of who held a lease, and refuses whoever comes after', async () => {
  const { clock, pools, live } = createRig();
  const lease = pools.acquire('acme', { label: 'report' });
  const idle = pools.use('idle', () => {});
  await clock.advance(5);
  await Promise.all([lease, idle]);
  const closed = pools.close({ timeoutMs: 100 });
  expect(pools.close()).not.toBe(undefined);
  const late = expect(pools.acquire('acme')).rejects.toBeInstanceOf(PoolMapClosedError);
  await clock.advance(200);
  await late;
  expect(await closed).toMatchObject({ drained: false, culprits: [{ key: 'acme', label: 'report' }] });
  expect(await pools.close()).toEqual(await closed);
  expect(live()).toBe(0);
  expect(clock.pending()).toBe(0);
  expect(pools.snapshot()).toMatchObject({ state: 'closed', connections: 0 });
});

test('close waits for pools that are being evicted', async () => {
  const { clock, pools, drivers } = createRig({ maxPools: 1 });
  const used = pools.use('a', () => {});
  await clock.advance(5);
  await used;
  drivers[0]?.server.script('close', { kind: 'succeed', afterMs: 500 });
  const other = pools.use('b', () => {});
  await clock.advance(5);
  await other;
  let isClosed = false;
  void pools.close().then(() => {
    isClosed = true;
  });
  await clock.advance(100);
  expect(isClosed).toBe(false);
  await clock.advance(500);
  expect(isClosed).toBe(true);
});

test('what create throws reaches whoever asked, and the next one asks it again', async () => {
  let calls = 0;
  const create = (): never => {
    throw new Error(`no such tenant, ${++calls}`);
  };
  const { pools } = createRig({ create });
  await expect(pools.acquire('acme')).rejects.toThrow('no such tenant, 1');
  await expect(pools.use('acme', () => {})).rejects.toThrow('no such tenant, 2');
  expect(pools.snapshot().pools).toEqual([]);
});

test('a pool that does not take from the shared connections is refused, since it would not be bound by them', async () => {
  const { create } = createRig();
  const { pools } = createRig({ create: (key, { name }) => create(key, { name } as MappedPoolParts) });
  await expect(pools.acquire('acme')).rejects.toThrow('to pass `capacity` on');
});

test('bad options, keys and bounds are refused by name', async () => {
  const bad = { name: ' ', maxConnections: 0, create: 5, maxPools: 0.5, idleTimeoutMs: 0, metricKeys: -1 };
  expect(() => createPoolMap(bad as never)).toThrow(InvalidOptionsError);
  try {
    createPoolMap(bad as never);
  } catch (error) {
    const paths = (error as InvalidOptionsError).faults.map(({ path }) => path);
    expect(paths).toEqual(['name', 'maxConnections', 'create', 'maxPools', 'idleTimeoutMs', 'metricKeys']);
  }
  const { pools } = createRig();
  await expect(pools.acquire('')).rejects.toThrow("key is '', expected a string that is not empty");
  await expect(pools.close({ timeoutMs: 0 })).rejects.toBeInstanceOf(InvalidOptionsError);
  expect(() => pools.resize({ maxConnections: 0 })).toThrow(InvalidOptionsError);
  expect(pools.snapshot().state).toBe('open');
});

test('whatever keys ask, pools come and go, and the bound moves: it is kept, and everybody is served', async () => {
  const request = fc.record({ key: fc.nat({ max: 7 }), holdMs: fc.nat({ max: 40 }), pauseMs: fc.nat({ max: 60 }) });
  const move = fc.record({ maxConnections: fc.integer({ min: 1, max: 5 }), pauseMs: fc.nat({ max: 60 }) });
  const steps = fc.array(fc.oneof({ arbitrary: request, weight: 9 }, { arbitrary: move, weight: 1 }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (plan, maxPools) => {
      const { clock, pools, hold, live, drivers } = createRig({ maxPools, idleTimeoutMs: 100 });
      const served: Promise<void>[] = [];
      let bound = 4;
      for (const step of plan) {
        if ('key' in step) served.push(pools.use(`key ${step.key}`, hold(step.holdMs)));
        else pools.resize({ maxConnections: step.maxConnections });
        // What was live before the bound fell may live on; nothing may join it.
        bound = 'key' in step ? bound : Math.max(step.maxConnections, live());
        const end = clock.now() + step.pauseMs;
        while (clock.nextDueMs() <= end) {
          await clock.step();
          expect(live()).toBeLessThanOrEqual(bound);
          bound = Math.max(pools.snapshot().maxConnections, Math.min(bound, live()));
        }
      }
      await clock.advance(19_000);
      await Promise.all(served);
      const closed = pools.close();
      await clock.advance(100);
      expect((await closed).drained).toBe(true);
      expect(live()).toBe(0);
      expect(drivers.flatMap(({ truth }) => truth.misuses)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('servers that fail, hang and answer late lose no connection of the bound, and every request is told', async () => {
  const faults = { fail: 0.1, hang: 0.05, late: 0.1, throw: 0.05, stillborn: 0.05 };
  const behaviour = {
    open: { faults },
    check: { faults: { fail: 0.1, hang: 0.05 } },
    close: { faults: { hang: 0.1 } },
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const clock = new VirtualClock();
      const random = seededRandom(seed);
      const pools = createPoolMap({
        name: 'tenants',
        maxConnections: 3,
        maxPools: 3,
        idleTimeoutMs: 2_000,
        clock,
        timers: clock,
        create(_key, parts) {
          const { driver } = simulatedDriver({ clock, timers: clock, random, behaviour });
          return createPool({ ...parts, driver, size: { min: 0, max: 3 }, clock, timers: clock, random });
        },
      });
      const told: Promise<unknown>[] = [];
      for (let count = 0; count < 60; count++) {
        const key = `key ${Math.floor(random() * 5)}`;
        told.push(pools.use(key, (connection) => connection.query(), { timeoutMs: 5_000 }).catch((error) => error));
        await clock.advance(random() * 300);
        expect(pools.snapshot().connections).toBeLessThanOrEqual(3);
      }
      await clock.advance(10_000);
      expect(await Promise.all(told)).toHaveLength(60);
      const closed = pools.close({ timeoutMs: 1_000 });
      await clock.advance(60_000);
      await closed;
      expect(pools.snapshot().connections).toBe(0);
    }),
    { numRuns: 20 },
  );
});
