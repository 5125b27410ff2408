import { InvalidOptionsError } from '@cryo/resilience';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createRig } from '../test/rig.ts';
import { deadlockFloor, flow, type NestedAcquire, NestedAcquireError, watchNestedAcquires } from './node.ts';

/** A pool of at most so many connections, watched. */
function createWatched(max: number, options: Parameters<typeof watchNestedAcquires>[1] = {}) {
  const rig = createRig({ size: { min: 0, max }, acquire: { timeoutMs: 1_000 } });
  const reports: NestedAcquire[] = [];
  const pool = watchNestedAcquires(rig.pool, { report: (nested) => void reports.push(nested), ...options });
  return { ...rig, pool, reports };
}

test('whoever holds one lease and asks for another is named, before the wait begins', async () => {
  const { pool, clock, reports } = createWatched(4);
  const done = pool.use(() => pool.use((connection) => connection.id, { label: 'audit' }), { label: 'order' });
  await clock.advance(20);
  expect(await done).toBe(2);
  expect(reports).toEqual([
    {
      pool: 'orders',
      label: 'audit',
      holds: ['order'],
      held: 1,
      max: 4,
      kind: 'nested',
      message:
        "Pool 'orders': whoever holds 'order' asks for 'audit'; 1 of 4 connections are held by somebody who waits for another",
    },
  ]);
});

test('requests that run side by side, or one after the other, are not nested', async () => {
  const { pool, clock, reports } = createWatched(2);
  const done = flow(async () => {
    await Promise.all(Array.from({ length: 6 }, () => pool.use((connection) => connection.query())));
    (await pool.acquire()).release();
    await pool.use(() => {});
  });
  await clock.advance(100);
  await done;
  expect(reports).toEqual([]);
});

test('the flow whose request would complete a deadlock is refused at once, and the others go on', async () => {
  const { pool, clock, reports } = createWatched(2, { refuse: 'deadlock' });
  const nest = (label: string) =>
    pool.use(
      async (connection) => {
        await connection.query();
        return pool.use(() => 'done', { label: `${label} inner` });
      },
      { label },
    );
  const results = Promise.allSettled([nest('a'), nest('b')]);
  await clock.advance(50);
  const [first, second] = await results;
  expect(first).toEqual({ status: 'fulfilled', value: 'done' });
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'NESTED_ACQUIRE' } });
  expect(reports.map(({ kind, held }) => [kind, held])).toEqual([
    ['nested', 1],
    ['deadlock', 2],
  ]);
  expect(reports[1]?.message).toContain("whoever holds 'b' asks for 'b inner'; all 2 connections");
});

test('a pool of one connection is deadlocked by the first that nests', async () => {
  const { pool, clock } = createWatched(1, { refuse: 'deadlock' });
  const done = expect(pool.use(() => pool.acquire())).rejects.toBeInstanceOf(NestedAcquireError);
  await clock.advance(20);
  await done;
});

test('with refuse: nested nobody gets a second lease', async () => {
  const { pool, clock, reports } = createWatched(8, { refuse: 'nested' });
  const done = expect(pool.use(() => pool.use(() => {}))).rejects.toThrow('asks for one without a label');
  await clock.advance(20);
  await done;
  expect(reports).toHaveLength(1);
});

test('leases taken by hand count within a flow, until their release', async () => {
  const { pool, clock, reports } = createWatched(4);
  const done = flow(async () => {
    const lease = await pool.acquire({ label: 'outer' });
    (await pool.acquire({ label: 'inner' })).release();
    lease.release();
    (await pool.acquire()).release();
  });
  await clock.advance(50);
  await done;
  expect(reports.map(({ label, holds }) => ({ label, holds }))).toEqual([{ label: 'inner', holds: ['outer'] }]);
});

test('leases of another pool do not count', async () => {
  const one = createWatched(1);
  const other = createWatched(1);
  const done = one.pool.use(() => other.pool.use(() => 'done'));
  await one.clock.advance(10);
  await other.clock.advance(10);
  expect(await done).toBe('done');
  expect([...one.reports, ...other.reports]).toEqual([]);
});

test('a report or a logger that throws costs nothing', async () => {
  const bad = () => {
    throw new Error('broken');
  };
  const warn = vi.fn(bad);
  const { pool, clock } = createWatched(2, { report: bad, logger: { info: bad, warn } });
  const done = pool.use(() => pool.use(() => 'done'));
  await clock.advance(20);
  expect(await done).toBe('done');
  expect(warn).toHaveBeenCalledWith(expect.objectContaining({ kind: 'nested' }), expect.stringContaining('asks for'));
});

test('a pool too small for what is expected of it is a fault of the options, with the formula', () => {
  const { pool } = createRig({ size: { min: 0, max: 10 } });
  expect(() => watchNestedAcquires(pool, { expect: { flows: 10, leasesPerFlow: 2 } })).toThrow(
    'size.max is 10, expected at least 11 connections, which is 10 × (2 − 1) + 1: fewer can deadlock',
  );
  expect(() => watchNestedAcquires(pool, { expect: { flows: 9, leasesPerFlow: 2 } })).not.toThrow();
  const bad = { refuse: 'some', report: 5, expect: { flows: 0, leasesPerFlow: 1.5 } } as never;
  expect(() => watchNestedAcquires(pool, bad)).toThrow(InvalidOptionsError);
});

test('with as many connections as the formula asks for no flow waits for ever, with one fewer some can', async () => {
  const shape = fc.record({ flows: fc.integer({ min: 2, max: 4 }), leasesPerFlow: fc.integer({ min: 2, max: 3 }) });
  await fc.assert(
    fc.asyncProperty(shape, async (expected) => {
      for (const missing of [0, 1]) {
        const { pool, clock } = createWatched(deadlockFloor(expected) - missing);
        const nest = async (depth: number): Promise<void> => {
          await pool.use(async (connection) => {
            await connection.query();
            if (depth > 1) await nest(depth - 1);
          });
        };
        const results = Promise.allSettled(Array.from({ length: expected.flows }, () => nest(expected.leasesPerFlow)));
        await clock.advance(2_000);
        const failed = (await results).filter(({ status }) => status === 'rejected').length;
        expect(failed > 0).toBe(missing === 1);
      }
    }),
    { numRuns: 12 },
  );
});
