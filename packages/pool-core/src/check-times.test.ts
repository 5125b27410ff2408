import { expect, test } from 'vitest';
import { createRig, type Rig } from '../test/rig.ts';

function timesOf({ pool }: Rig, name: string): { readonly count: number; readonly p50: number } {
  const metric = pool.metrics.read().metrics.find((one) => one.name === `cryo_pool_${name}_ms`);
  if (metric?.kind !== 'histogram') throw new Error(`there is no histogram ${name}`);
  return { count: metric.histogram.count, p50: metric.histogram.p50 };
}

test('How long checks and resets take is measured, of those that succeed.', async () => {
  const behaviour = { check: { latencyMs: [7, 7] }, reset: { latencyMs: [4, 4] } } as const;
  const rig = createRig({ size: { min: 1, max: 1 }, resets: true, behaviour });
  await rig.clock.advance(1_000); // Past the bypass window: the next lease begins with a check.
  const asked = rig.pool.acquire();
  await rig.clock.advance(7);
  const lease = await asked;
  lease.connection.session = 'a transaction';
  lease.release();
  await rig.clock.advance(10);
  expect(timesOf(rig, 'check').count).toBe(1);
  expect(timesOf(rig, 'check').p50).toBeCloseTo(7, 0);
  expect(timesOf(rig, 'reset').count).toBe(1);
  expect(timesOf(rig, 'reset').p50).toBeCloseTo(4, 0);

  rig.server.script('check', { kind: 'fail', error: new Error('gone') });
  await rig.clock.advance(1_000);
  const again = rig.pool.acquire();
  await rig.clock.advance(20);
  (await again).release();
  expect(timesOf(rig, 'check').count).toBe(1);
  const closed = rig.pool.close();
  await rig.clock.advance(10_000);
  await closed;
});
