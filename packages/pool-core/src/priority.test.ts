import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../test/rig.ts';
import type { AcquireOptions } from './request.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

/** Queues requests behind one connection; the answer tells who was served, in order. */
async function queue(requests: readonly (AcquireOptions | undefined)[]): Promise<{ serve(): Promise<number[]> }> {
  rig = createRig({ size: { min: 1, max: 1 } });
  await rig.clock.advance(5);
  const holder = await rig.pool.acquire();
  const served: number[] = [];
  const all = requests.map(async (options, index) => {
    const lease = await rig.pool.acquire(options);
    served.push(index);
    lease.release();
  });
  return {
    async serve() {
      holder.release();
      await Promise.all(all);
      return served;
    },
  };
}

describe('the queue of a pool', () => {
  it('serves a higher class before a lower one, and in order of arrival within a class', async () => {
    const { serve } = await queue([{ priority: 'low' }, undefined, { priority: 'high' }, { label: 'mine' }, undefined]);
    expect(await serve()).toEqual([2, 1, 3, 4, 0]);
  });

  it('lets the lowest class have a turn although higher ones never end', async () => {
    const high = Array.from({ length: 40 }, () => ({ priority: 'high' }) as const);
    const { serve } = await queue([{ priority: 'low' }, ...high]);
    expect((await serve()).indexOf(0)).toBe(16);
  });

  it.each(['untold', 'told'])('hands hundreds of waiters on in order of arrival, %s', async (listening) => {
    const { serve } = await queue(Array.from({ length: 1_100 }, () => undefined));
    if (listening === 'told') rig.pool.on('lease-released', () => {});
    expect(await serve()).toEqual(Array.from({ length: 1_100 }, (_, index) => index));
    expect(rig.pool.snapshot()).toMatchObject({ waiting: 0, peakLeased: 1, connections: { idle: 1, leased: 0 } });
  });

  it('counts every lease that was handed on, its wait and its use', async () => {
    const { serve } = await queue(Array.from({ length: 20 }, () => undefined));
    await rig.clock.advance(30);
    await serve();
    const { metrics } = rig.pool.metrics.read();
    const of = (name: string) => metrics.find((metric) => metric.name === `cryo_pool_${name}`);
    expect(of('leases_granted_total')).toMatchObject({ value: 21 });
    expect(of('leases_released_total')).toMatchObject({ value: 21 });
    expect(of('wait_ms')).toMatchObject({ histogram: { count: 20, max: 30 } });
    expect(of('acquire_ms')).toMatchObject({ histogram: { count: 21, max: 30 } });
    expect(of('use_ms')).toMatchObject({ histogram: { count: 21, max: 30 } });
  });

  it('times a waiter out that has a shorter limit than those before it', async () => {
    const { serve } = await queue([undefined, undefined]);
    const impatient = rig.pool.acquire({ timeoutMs: 50 }).catch((error: { code: string }) => error.code);
    await rig.clock.advance(51);
    expect(await impatient).toBe('ACQUIRE_TIMEOUT');
    expect(await serve()).toEqual([0, 1]);
  });
});
