import { expect, test } from 'vitest';
import { createRig } from '../test/rig.ts';
import type { Pool } from './pool.ts';
import type { SimulatedConnection } from './testing/ground-truth.ts';

test.each(['nobody', 'somebody'] as const)(
  'a connection that goes from hand to hand never lets the process end in between, while %s hears of grants',
  async (who) => {
    const { pool, driver, clock } = createRig({ size: { min: 1, max: 1 } });
    const said: string[] = [];
    Object.assign(driver, { ref: () => void said.push('ref'), unref: () => void said.push('unref') });
    await clock.advance(5);
    const leases = Array.from({ length: 3 }, () => pool.acquire());
    if (who === 'somebody') pool.on('lease-granted', ({ waitedMs }) => void said.push(`granted after ${waitedMs} ms`));
    said.length = 0;
    await clock.advance(7);
    (await leases[0])?.release();
    expect(said).toEqual(who === 'nobody' ? ['ref'] : ['ref', 'granted after 7 ms']);
    (await leases[1])?.release();
    (await leases[2])?.release();
  },
);

test.each<[how: string, lease: (pool: Pool<SimulatedConnection>) => unknown]>([
  ['acquire()', (pool) => pool.acquire()],
  ['acquire() with a label', (pool) => pool.acquire({ label: 'report' })],
  ['tryAcquire()', (pool) => pool.tryAcquire()],
  ['use()', (pool) => pool.use(() => new Promise(() => {}))],
])('an idle connection that is lent by %s keeps the process alive from then on', async (_how, lease) => {
  const { pool, driver, clock } = createRig({ size: { min: 1, max: 1 } });
  const said: string[] = [];
  Object.assign(driver, { ref: () => void said.push('ref'), unref: () => void said.push('unref') });
  await clock.advance(5);
  said.length = 0;
  lease(pool);
  expect(said).toEqual(['ref']);
});
