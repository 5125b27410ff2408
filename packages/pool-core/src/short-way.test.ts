import { expect, test } from 'vitest';
import { createRig } from '../test/rig.ts';

const ONE = { size: { min: 1, max: 1 }, leak: { stacks: 'always' } } as const;

/** The stack of whoever holds the one connection when the pool is closed. */
async function stackOfHolder({ pool, clock }: ReturnType<typeof createRig>): Promise<string | undefined> {
  const [report] = await Promise.all([pool.close({ timeoutMs: 10 }), clock.advance(20)]);
  return report.culprits[0]?.stack;
}

test('the stack of a caller who says nothing is captured where stacks are, when he is served at once', async () => {
  const rig = createRig(ONE);
  await rig.clock.advance(5);
  await rig.pool.acquire();
  expect(await stackOfHolder(rig)).toContain('short-way.test.ts');
});

test('the stack of a caller who says nothing is captured where stacks are, when he waits', async () => {
  const rig = createRig(ONE);
  await rig.clock.advance(5);
  const first = await rig.pool.acquire({ label: 'first' });
  const second = rig.pool.acquire();
  first.release();
  await second;
  expect(await stackOfHolder(rig)).toContain('short-way.test.ts');
});

test('the stack of a caller whose work lasts is captured where stacks are', async () => {
  const rig = createRig(ONE);
  await rig.clock.advance(5);
  const work = rig.pool.use(() => new Promise<void>((resolve) => rig.clock.set(1_000, resolve, { background: true })));
  expect(await stackOfHolder(rig)).toContain('short-way.test.ts');
  await Promise.all([work, rig.clock.advance(1_000)]);
});

test('whoever listens hears that a caller who says nothing waits', async () => {
  const { pool, clock } = createRig({ size: { min: 1, max: 1 } });
  await clock.advance(5);
  const first = await pool.acquire();
  const told: unknown[] = [];
  pool.on('request-queued', (event) => void told.push(event));
  const second = pool.acquire();
  expect(told).toEqual([{ waiting: 1, label: undefined }]);
  first.release();
  (await second).release();
});
