import { expect, test } from 'vitest';
import { createRig, rejectionOf } from '../test/rig.ts';

/** A pool whose driver never answers a check, not even after `destroy`, until it is told to. */
async function createStuck(max: number) {
  const lines: string[] = [];
  const say = (_entry: object, message: string) => void lines.push(message);
  const rig = createRig({
    size: { min: 0, max },
    validation: { timeoutMs: 1_000 },
    logger: { info: say, warn: say },
  });
  await rig.clock.advance(0);
  const leases = Array.from({ length: max }, () => rig.pool.acquire());
  await rig.clock.advance(100);
  for (const lease of await Promise.all(leases)) lease.release();
  await rig.clock.advance(600);
  rig.server.script('check', ...Array.from({ length: max }, () => ({ kind: 'late', byMs: 30_000 }) as const));
  const waiters = Array.from({ length: max }, () => rejectionOf(rig.pool.acquire({ timeoutMs: 1_500 })));
  await rig.clock.advance(1_990);
  return { ...rig, lines, waiters };
}

test('a pool of one whose only call hangs for ever says so, in its health, its errors and its log', async () => {
  const { pool, clock, lines } = await createStuck(1);
  await clock.advance(100);
  expect(pool.health()).toMatchObject({ status: 'down' });
  expect(pool.health().reasons).toContainEqual({
    code: 'dialing-stopped',
    message: '1 driver call was given up on and not answered since, so nothing is dialed until one is',
    value: 1,
    threshold: 1,
  });
  const late = rejectionOf(pool.acquire({ timeoutMs: 100 }));
  await clock.advance(200);
  expect((await late).message).toContain('1 driver call given up on, so that nothing is dialed');
  expect(lines.filter((line) => line.includes('given up on'))).toEqual([
    "Pool 'orders': the driver never answered a call (check), which is given up on",
  ]);
  const closed = pool.close();
  await clock.advance(60_000);
  await closed;
});

test('it goes on as soon as the call ends after all', async () => {
  const { pool, clock } = await createStuck(1);
  await clock.advance(60_000);
  const lease = pool.acquire();
  await clock.advance(100);
  (await lease).release();
  expect(pool.snapshot()).toMatchObject({ abandoned: 0, live: 1 });
  const closed = pool.close();
  await clock.advance(60_000);
  await closed;
});

test('it goes on at once where there is room for one more, and what it lost is no longer said', async () => {
  const { pool, clock } = await createStuck(1);
  await clock.advance(100);
  pool.resize({ max: 2 });
  const lease = pool.acquire();
  await clock.advance(100);
  (await lease).release();
  expect(pool.health().reasons.map(({ code }) => code)).not.toContain('dialing-stopped');
  const closed = pool.close();
  await clock.advance(60_000);
  await closed;
});
