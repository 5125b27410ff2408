import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRig, type Rig } from '../test/rig.ts';
import type { CloseReason } from './events.ts';

let rig: Rig;
let closed: CloseReason[];

beforeEach(async () => {
  rig = createRig({ size: { min: 2, max: 2 }, resets: true });
  closed = [];
  rig.pool.on('connection-closed', ({ reason }) => closed.push(reason));
  await rig.clock.advance(10);
});

afterEach(async () => {
  const end = rig.pool.close();
  await rig.clock.advance(10_000);
  await end;
});

function counted(name: string): number {
  const found = rig.pool.metrics.read().metrics.filter((metric) => metric.name === `cryo_pool_${name}_total`);
  return found.reduce((sum, metric) => sum + (metric.kind === 'counter' ? metric.value : 0), 0);
}

describe('A lease that is evicted', () => {
  test('ends its connection politely, with a reason of its own, and a new one takes its place.', async () => {
    const lease = await rig.pool.acquire();
    const { connection } = lease;
    lease.evict();
    expect(lease.inForce).toBe(false);
    expect(rig.pool.snapshot().connections).toMatchObject({ leased: 0, closing: 1 });
    await rig.clock.advance(10);
    expect(closed).toEqual(['evicted']);
    expect(rig.truth.held.has(connection)).toBe(false);
    expect(rig.pool.snapshot()).toMatchObject({ live: 2, connections: { idle: 2 } });
  });

  test('says nothing about the others: none is suspect, and no error is counted.', async () => {
    const lease = await rig.pool.acquire();
    lease.evict();
    expect(rig.pool.snapshot().suspects).toBe(0);
    expect(counted('connection_errors')).toBe(0);
    expect(rig.pool.tryAcquire()?.inForce).toBe(true);
    await rig.clock.advance(10);
  });

  test('makes room for whoever waits.', async () => {
    const leases = [await rig.pool.acquire(), await rig.pool.acquire()];
    const waiter = rig.pool.acquire();
    leases[0]?.evict();
    await rig.clock.advance(10);
    expect((await waiter).connection).not.toBe(leases[1]?.connection);
    expect(counted('leases_granted')).toBe(3);
    (await waiter).release();
    leases[1]?.release();
    await rig.clock.advance(10);
  });

  test('is over: ending it again, in whatever way, changes nothing and is told.', async () => {
    const told: number[] = [];
    rig.pool.on('double-release', ({ connection }) => told.push(connection));
    const lease = await rig.pool.acquire();
    lease.evict();
    lease.release();
    lease.evict();
    expect(told).toHaveLength(2);
    await rig.clock.advance(10);
    expect(closed).toEqual(['evicted']);
  });

  test('is not cleaned first, and is a fault on anything but a lease.', async () => {
    const lease = await rig.pool.acquire();
    lease.connection.session = 'a transaction';
    lease.evict();
    expect(rig.truth.runningCount).toMatchObject({ reset: 0, close: 1 });
    await rig.clock.advance(10);
    const { evict } = lease;
    expect(() => evict.call(undefined as never)).toThrow(
      'evict: this is undefined, expected a lease, as in lease.evict()',
    );
  });
});
