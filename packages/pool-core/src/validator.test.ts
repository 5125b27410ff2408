import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

async function warm(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
  rig = createRig({ size: { min: 1, max: 2 }, ...options });
  await rig.clock.advance(5);
  return rig;
}

describe('validation on borrow', () => {
  it('is left out within the bypass window and done after it', async () => {
    const { pool, clock, truth } = await warm({ validation: { bypassMs: 500, intervalMs: Infinity } });
    (await pool.acquire()).release();
    await clock.advance(500);
    const waiter = pool.acquire();
    expect(truth.runningCount.check).toBe(1);
    await clock.advance(1);
    (await waiter).release();
  });

  it('evicts a dead connection and serves the request with another within the same deadline', async () => {
    const { pool, clock } = await warm({ validation: { intervalMs: Infinity } });
    await clock.advance(1_000);
    const [dead] = [...rig.truth.held];
    if (dead !== undefined) rig.breakConnection(dead, 'silently');
    const waiter = pool.acquire({ timeoutMs: 1_000 });
    await clock.advance(50);
    const lease = await waiter;
    expect(lease.connection.alive).toBe(true);
    lease.release();
    expect(
      pool.metrics.read().metrics.find(({ name }) => name === 'cryo_pool_validation_failures_total'),
    ).toMatchObject({ value: 1 });
  });

  it('gives a checked connection to whoever is head when the check passes', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 }, validation: { intervalMs: Infinity } });
    await clock.advance(1_000);
    const controller = new AbortController();
    const first = rejectionOf(pool.acquire({ signal: controller.signal }));
    const second = pool.acquire();
    controller.abort();
    await clock.advance(1);
    await first;
    (await second).release();
  });

  it('tries the next connection, and a dial, a second after a check began to hang', async () => {
    const { pool, clock, server } = await warm({ size: { min: 2, max: 4 }, validation: { intervalMs: Infinity } });
    await clock.advance(1_000);
    server.script('check', { kind: 'hang' }, { kind: 'hang' });
    const waiter = pool.acquire();
    await clock.advance(1_002);
    (await waiter).release();
    expect(pool.snapshot().connections).toMatchObject({ checking: 2, idle: 1 });
  });

  it('gives up on a check that hangs and frees its slot a second after the time limit', async () => {
    const { pool, clock, server } = await warm({
      size: { min: 1, max: 2 },
      validation: { timeoutMs: 2_000, intervalMs: Infinity },
    });
    await clock.advance(1_000);
    server.script('check', { kind: 'hang' });
    const waiter = pool.acquire();
    await clock.advance(4_000);
    (await waiter).release();
    expect(pool.snapshot()).toMatchObject({ live: 1 });
  });
});

describe('a bypass window of nothing', () => {
  it('means a check before every lease, and an end to the checking', async () => {
    const { pool, clock, truth } = await warm({
      size: { min: 1, max: 1 },
      validation: { bypassMs: 0, intervalMs: Infinity },
    });
    for (let use = 0; use < 3; use++) {
      const waiter = pool.acquire();
      expect(truth.runningCount.check).toBe(1);
      await clock.advance(1);
      (await waiter).release();
    }
  });

  it('means a check also where a lease is handed over to a waiter', async () => {
    const { pool, clock, truth } = await warm({
      size: { min: 1, max: 1 },
      validation: { bypassMs: 0, intervalMs: Infinity },
    });
    const first = pool.acquire();
    await clock.advance(1);
    const second = pool.acquire();
    (await first).release();
    expect(truth.runningCount.check).toBe(1);
    await clock.advance(1);
    (await second).release();
  });
});

describe('validation in the background', () => {
  it('finds a dead idle connection and replaces it', async () => {
    const { pool, clock } = await warm({ validation: { intervalMs: 30_000 } });
    const [dead] = [...rig.truth.held];
    if (dead !== undefined) rig.breakConnection(dead, 'silently');
    await clock.advance(35_000);
    expect(pool.snapshot().connections.idle).toBe(1);
    expect([...rig.truth.held].every(({ alive }) => alive)).toBe(true);
  });

  it('keeps up with its interval however many connections lie idle, a few at a time', async () => {
    const { pool, clock, driver } = await warm({ size: { min: 50, max: 50 }, validation: { intervalMs: 10_000 } });
    await clock.advance(200);
    expect(pool.snapshot().connections.idle).toBe(50);
    let checks = 0;
    let most = 0;
    const { check } = driver;
    driver.check = (connection, context) => {
      checks++;
      most = Math.max(most, pool.snapshot().connections.checking);
      return check(connection, context);
    };
    await clock.advance(20_000);
    expect(checks).toBeGreaterThanOrEqual(50);
    expect(checks).toBeLessThanOrEqual(110);
    expect(most).toBeLessThanOrEqual(6);
  });

  it('does not make an idle connection young: it still ends by its idle timeout', async () => {
    const { pool, clock } = await warm({
      size: { min: 0, max: 2 },
      retirement: { idleTimeoutMs: 100_000 },
      validation: { intervalMs: 30_000 },
    });
    (
      await (async () => {
        const lease = pool.acquire();
        await clock.advance(5);
        return lease;
      })()
    ).release();
    await clock.advance(99_000);
    expect(pool.snapshot().live).toBe(1);
    await clock.advance(3_000);
    expect(pool.snapshot().live).toBe(0);
  });
});

describe('suspicion', () => {
  it('has all idle connections checked before they are lent after one was lost', async () => {
    const { pool, clock, truth } = await warm({ size: { min: 3, max: 3 } });
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    const [lost, ...others] = leases;
    for (const lease of others) lease.release();
    const dead = lost?.connection;
    if (dead !== undefined) rig.breakConnection(dead, 'once');
    lost?.release();
    expect(pool.snapshot().suspects).toBe(2);
    const waiter = pool.acquire();
    expect(truth.runningCount.check).toBe(1);
    await clock.advance(1);
    (await waiter).release();
  });

  it('comes from an error of the work that the driver calls a lost connection, and evicts that connection', async () => {
    const { pool, clock } = await warm({ size: { min: 2, max: 2 } });
    const { SimulatedError } = await import('./testing/simulated-server.ts');
    const lost = new SimulatedError('socket closed', 'connection-lost');
    expect(await rejectionOf(pool.use(() => Promise.reject(lost)))).toBe(lost);
    expect(pool.snapshot()).toMatchObject({ suspects: 1 });
    await clock.advance(2_000);
    expect(pool.snapshot()).toMatchObject({ suspects: 0, connections: { idle: 2 } });
  });

  it('comes after a freeze too, and waiters then get one more second at most', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    const holder = await pool.acquire();
    const waiter = rejectionOf(pool.acquire({ timeoutMs: 20_000 }));
    clock.stall(60_000);
    await clock.advance(999);
    expect(pool.snapshot().waiting).toBe(1);
    await clock.advance(1);
    expect(await waiter).toMatchObject({ code: 'ACQUIRE_TIMEOUT' });
    holder.release();
  });
});
