import { InvalidOptionsError } from '@cryo/resilience';
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPool } from './pool.ts';
import { sharedCapacity } from './shared-capacity.ts';
import { simulatedDriver } from './testing/simulated-driver.ts';

/** Pools that share so many connections, and go on as the clock is advanced. */
function createPools(total: number, names: readonly string[]) {
  const clock = new VirtualClock();
  const supply = sharedCapacity(total);
  const pools = names.map((name) => {
    const random = seededRandom(1);
    const { driver } = simulatedDriver({ clock, timers: clock, random });
    const size = { min: 0, max: 50 };
    return createPool({ name, driver, size, clock, timers: clock, random, capacity: supply.share() });
  });
  return { clock, supply, pools };
}

async function openIdle(pool: ReturnType<typeof createPools>['pools'][number], clock: VirtualClock, count: number) {
  const asked = Array.from({ length: count }, () => pool.acquire());
  await clock.advance(50);
  for (const lease of await Promise.all(asked)) lease.release();
}

test('an idle connection of another pool is asked back, and the waiting request is served at once', async () => {
  const { clock, supply, pools } = createPools(2, ['a', 'b']);
  const [a, b] = pools;
  if (a === undefined || b === undefined) return expect.unreachable();
  await openIdle(a, clock, 2);
  expect(supply.taken).toBe(2);
  const waiting = b.acquire();
  await clock.advance(5);
  await waiting;
  expect(a.snapshot().live).toBe(1);
  expect(b.snapshot().live).toBe(1);
});

test('where nothing is idle the next connection to come home makes room, and nothing in use is taken away', async () => {
  const { clock, pools } = createPools(2, ['a', 'b']);
  const [a, b] = pools;
  if (a === undefined || b === undefined) return expect.unreachable();
  const held = [a.acquire(), a.acquire()];
  await clock.advance(50);
  const waiting = b.acquire();
  await clock.advance(5_000);
  expect(b.snapshot().waiting).toBe(1);
  const [first, second] = await Promise.all(held);
  first?.release();
  await clock.advance(5);
  await waiting;
  expect(second?.inForce).toBe(true);
  expect(a.snapshot().live).toBe(1);
});

test('a free ticket goes to the waiting pool that holds fewest', async () => {
  const { clock, supply, pools } = createPools(3, ['a', 'b', 'c']);
  const [a, b, c] = pools;
  if (a === undefined || b === undefined || c === undefined) return expect.unreachable();
  const [lease] = [await firstOf(a, clock), await firstOf(a, clock), await firstOf(b, clock)];
  const more = b.acquire();
  await clock.advance(1);
  const only = c.acquire();
  await clock.advance(1);
  lease.release();
  await clock.advance(5);
  await only;
  expect(b.snapshot().waiting).toBe(1);
  expect(supply.taken).toBe(3);
  more.catch(() => {});
});

test('a suspended pool gives up a connection that is asked back, though requests wait in it for what they will not get now', async () => {
  const { clock, supply, pools } = createPools(1, ['a', 'b']);
  const [a, b] = pools;
  if (a === undefined || b === undefined) return expect.unreachable();
  const held = a.acquire();
  a.suspend();
  const waiting = [b.acquire(), b.acquire()];
  await clock.advance(500);
  expect(a.snapshot()).toMatchObject({ live: 0, waiting: 1 });
  (await waiting[0])?.release();
  (await waiting[1])?.release();
  a.resume();
  await clock.advance(500);
  await held;
  expect(supply.taken).toBe(1);
});

async function firstOf(pool: ReturnType<typeof createPools>['pools'][number], clock: VirtualClock) {
  const asked = pool.acquire();
  await clock.advance(2);
  return asked;
}

test('a smaller total asks back what is idle now and the rest as it comes home', async () => {
  const { clock, supply, pools } = createPools(4, ['a', 'b']);
  const [a, b] = pools;
  if (a === undefined || b === undefined) return expect.unreachable();
  await openIdle(a, clock, 2);
  const leases = [await firstOf(b, clock), await firstOf(b, clock)];
  supply.resize(1);
  await clock.advance(5);
  expect(a.snapshot().live).toBe(0);
  expect(supply.taken).toBe(2);
  leases[0]?.release();
  await clock.advance(5);
  expect(supply.taken).toBe(1);
  leases[1]?.release();
  await clock.advance(5);
  expect(b.snapshot().connections.idle).toBe(1);
});

test('a pool that closes leaves its tickets to the others and is not asked any more', async () => {
  const { clock, supply, pools } = createPools(1, ['a', 'b']);
  const [a, b] = pools;
  if (a === undefined || b === undefined) return expect.unreachable();
  const lease = await firstOf(a, clock);
  const waiting = b.acquire();
  await clock.advance(1);
  const closed = a.close();
  lease.release();
  await clock.advance(10);
  await closed;
  await waiting;
  expect(supply.taken).toBe(1);
});

test('a total that is no number of connections is refused', () => {
  expect(() => sharedCapacity(0)).toThrow(InvalidOptionsError);
  expect(() => sharedCapacity(2).resize(Number.NaN)).toThrow('total is NaN');
});

interface Asked {
  readonly pool: number;
  readonly holdMs: number;
  readonly pauseMs: number;
}

test('whoever asks when, the pools together never hold more than the total, and every request is served', async () => {
  const asked: fc.Arbitrary<Asked> = fc.record({
    pool: fc.nat({ max: 3 }),
    holdMs: fc.nat({ max: 60 }),
    pauseMs: fc.nat({ max: 20 }),
  });
  const plan = fc.record({ total: fc.integer({ min: 1, max: 5 }), requests: fc.array(asked, { maxLength: 60 }) });
  await fc.assert(
    fc.asyncProperty(plan, async ({ total, requests }) => {
      const { clock, supply, pools } = createPools(total, ['a', 'b', 'c', 'd']);
      const served: Promise<void>[] = [];
      const judge = () => {
        const live = pools.reduce((sum, pool) => sum + pool.snapshot().live, 0);
        expect(live).toBe(supply.taken);
        expect(live).toBeLessThanOrEqual(total);
      };
      for (const pool of pools)
        for (const event of ['dial-started', 'connection-closed'] as const) pool.on(event, judge);
      const hold = (ms: number) => new Promise<void>((resolve) => void clock.set(ms, resolve, { background: false }));
      for (const { pool, holdMs, pauseMs } of requests) {
        served.push(pools[pool]?.use(() => hold(holdMs)) ?? expect.unreachable());
        await clock.advance(pauseMs);
        judge();
      }
      await clock.advance(19_000);
      await Promise.all(served);
    }),
    { numRuns: 60 },
  );
});

test('of pools that always have waiting requests each is served equally often, with tickets for all of them or not', async () => {
  const shape = fc.record({ total: fc.integer({ min: 1, max: 7 }), count: fc.integer({ min: 2, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(shape, async ({ total, count }) => {
      const names = ['a', 'b', 'c', 'd'].slice(0, count);
      const { clock, pools } = createPools(total, names);
      const served = new Map(names.map((name) => [name, 0]));
      const until = 4_000;
      const serve = async (pool: (typeof pools)[number]) => {
        while (clock.now() < until) {
          await pool.use(() => new Promise<void>((resolve) => void clock.set(10, resolve, { background: false })));
          served.set(pool.name, (served.get(pool.name) ?? 0) + 1);
        }
      };
      const workers = pools.flatMap((pool) => Array.from({ length: 8 }, () => serve(pool)));
      await clock.advance(until + 1_000);
      await Promise.all(workers);
      const counts = [...served.values()];
      const fair = counts.reduce((sum, value) => sum + value, 0) / count;
      // With 7 tickets for 4 pools three hold two and one holds one: half of the others, and no less.
      const least = total >= count ? Math.floor(total / count) / (total / count) : 1;
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(0.8 * least * fair);
    }),
    { numRuns: 12 },
  );
});
