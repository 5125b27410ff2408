import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../test/rig.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

async function warm(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
  rig = createRig({ validation: { intervalMs: Infinity }, ...options });
  await rig.clock.advance(5);
  return rig;
}

describe('resize', () => {
  it('disturbs nothing that is leased, and ends what is too much when it comes home', async () => {
    const { pool, clock } = await warm({ size: { min: 3, max: 3 } });
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    pool.resize({ min: 1, max: 1 });
    expect(pool.snapshot()).toMatchObject({ live: 3, connections: { leased: 3 } });
    for (const lease of leases) {
      expect(lease.connection.state).toBe('open');
      lease.release();
    }
    await clock.advance(5);
    expect(pool.snapshot()).toMatchObject({ live: 1, connections: { idle: 1 } });
  });

  it('counts those on their way out: leases that come home meanwhile stay', async () => {
    const { pool, clock } = await warm({ size: { min: 10, max: 10 }, behaviour: { close: { latencyMs: [50, 50] } } });
    await clock.advance(200);
    const leases = await Promise.all(Array.from({ length: 5 }, () => pool.acquire()));
    pool.resize({ min: 5, max: 5 });
    for (const lease of leases) lease.release();
    expect(pool.snapshot().connections).toMatchObject({ idle: 5, closing: 5 });
  });

  it('ends idle connections above a lower maximum at once, and dials up to a higher minimum', async () => {
    const { pool, clock } = await warm({ size: { min: 3, max: 3 } });
    pool.resize({ min: 1, max: 2 });
    await clock.advance(5);
    expect(pool.snapshot().live).toBe(2);
    pool.resize({ min: 5, max: 8 });
    await clock.advance(20);
    expect(pool.snapshot()).toMatchObject({ live: 5, size: { min: 5, max: 8 } });
  });

  it('refuses impossible bounds with every fault, and changes nothing', async () => {
    const { pool } = await warm({ size: { min: 1, max: 3 } });
    expect(() => pool.resize({ min: -1, max: 1.5 })).toThrow(/min.*-1.*max.*1\.5/s);
    expect(pool.snapshot().size).toMatchObject({ min: 1, max: 3 });
  });

  it('serves waiters from the places that it adds', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    const holder = await pool.acquire();
    const waiter = pool.acquire();
    await clock.advance(1_000);
    pool.resize({ max: 2 });
    await clock.advance(200);
    (await waiter).release();
    holder.release();
  });
});

describe('the elastic sizer at work', () => {
  it('grows a busy pool and shrinks it when the load is gone', async () => {
    const { pool, clock } = await warm({ size: { min: 2, max: 4, absoluteMax: 12 } });
    const changes: string[] = [];
    pool.on('resized', ({ from, to, by }) => changes.push(`${by} ${from.max}>${to.max}`));
    const leases = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const lease = pool.acquire();
        await clock.settle();
        return lease;
      }).concat(clock.advance(1_000) as never),
    );
    await clock.advance(12_000);
    expect(changes[0]).toBe('sizer 4>9');
    for (const lease of leases.slice(0, 4)) lease.release();
    await clock.advance(120_000);
    expect(changes.at(-1)).toMatch(/>4$/);
  });
});

describe('retirement', () => {
  it('replaces a connection before its lifetime ends where there is room', async () => {
    const { pool, clock, truth } = await warm({
      size: { min: 1, max: 2 },
      retirement: { maxLifetimeMs: 100_000, jitter: 0, idleTimeoutMs: Infinity },
    });
    let least = Infinity;
    pool.on('connection-closed', () => {
      least = Math.min(least, pool.snapshot().connections.idle);
    });
    await clock.advance(101_000);
    expect(truth.openedCount).toBe(2);
    expect(least).toBe(1);
  });

  it('ends connections at the maximum one at a time', async () => {
    const { pool, clock } = await warm({
      size: { min: 3, max: 3 },
      retirement: { maxLifetimeMs: 100_000, jitter: 0, idleTimeoutMs: Infinity },
    });
    let least = Infinity;
    const look = () => {
      least = Math.min(least, pool.snapshot().connections.idle);
    };
    pool.on('connection-closed', look);
    pool.on('connection-opened', look);
    await clock.advance(110_000);
    expect(least).toBe(2);
  });

  it('never ends a connection that is leased', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 }, retirement: { maxLifetimeMs: 10_000, jitter: 0 } });
    const lease = await pool.acquire();
    await clock.advance(50_000);
    expect(lease.connection.state).toBe('open');
    lease.release();
    await clock.advance(10);
    expect(pool.snapshot().connections.idle).toBe(1);
  });

  it('draws lifetimes that are never longer than the maximum and do not end together', async () => {
    const { pool, clock } = await warm({
      size: { min: 8, max: 9 },
      retirement: { maxLifetimeMs: 1_000_000, jitter: 0.1, idleTimeoutMs: Infinity },
    });
    const ages: number[] = [];
    pool.on('connection-closed', ({ reason, ageMs }) => {
      if (reason === 'lifetime') ages.push(ageMs);
    });
    await clock.advance(1_010_000);
    expect(ages.length).toBeGreaterThanOrEqual(8);
    expect(Math.max(...ages)).toBeLessThanOrEqual(1_001_000);
    expect(new Set(ages.map((age) => Math.round(age / 1_000))).size).toBeGreaterThan(4);
  });

  it('ends idle connections above the minimum after the idle timeout, and keeps the minimum', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 5 }, retirement: { idleTimeoutMs: 10_000 } });
    const leases = Promise.all(Array.from({ length: 3 }, () => pool.acquire()));
    await clock.advance(1_000);
    for (const lease of await leases) lease.release();
    expect(pool.snapshot().live).toBe(3);
    await clock.advance(13_000);
    expect(pool.snapshot().live).toBe(1);
  });

  it('ends a connection after as many leases as it may serve', async () => {
    const { pool, clock, truth } = await warm({ size: { min: 1, max: 1 }, retirement: { maxUses: 2 } });
    for (let use = 0; use < 4; use++) {
      const lease = pool.acquire();
      await clock.advance(200);
      (await lease).release();
    }
    await clock.advance(200);
    expect(truth.openedCount).toBe(3);
  });
});

describe('recycle', () => {
  it('replaces every connection of today: idle ones soon, leased ones when they come home', async () => {
    const { pool, clock } = await warm({ size: { min: 3, max: 4 } });
    const lease = await pool.acquire();
    const old = lease.connection.id;
    pool.recycle();
    await clock.advance(10_000);
    expect(pool.snapshot().generation).toBe(1);
    lease.release();
    await clock.advance(5_000);
    const ids = [...rig.truth.held].map(({ id }) => id);
    expect(ids).not.toContain(old);
    expect(Math.min(...ids)).toBeGreaterThan(3);
    expect(pool.snapshot().connections.idle).toBe(3);
  });

  it('lends none of today, however fresh, and touches none of them either', async () => {
    const { pool, clock } = await warm({ size: { min: 3, max: 3 } });
    const lease = await pool.acquire();
    const newest = lease.connection.id;
    lease.release();
    pool.recycle();
    expect(pool.snapshot()).toMatchObject({ suspects: 0, connections: { idle: 3 } });
    expect(pool.tryAcquire()).toBeUndefined();
    const granted = pool.acquire();
    await clock.advance(1_000);
    expect((await granted).connection.id).not.toBe(newest);
  });

  it('keeps what works while nothing can be dialed', async () => {
    const { pool, clock, server } = await warm({ size: { min: 5, max: 5 } });
    await clock.advance(200);
    server.become({ kind: 'refusing' });
    pool.recycle();
    await clock.advance(20_000);
    expect(pool.snapshot().connections.idle).toBeGreaterThanOrEqual(4);
  });

  it('never ends a second one before the first is replaced', async () => {
    const { pool, clock } = await warm({
      size: { min: 5, max: 5 },
      behaviour: { open: { latencyMs: [3_000, 3_000] } },
    });
    await clock.advance(10_000);
    expect(pool.snapshot().connections.idle).toBe(5);
    let least = 5;
    pool.on('connection-closed', () => {
      least = Math.min(least, pool.snapshot().connections.idle);
    });
    pool.recycle();
    await clock.advance(60_000);
    expect(least).toBe(4);
    expect([...rig.truth.held].every(({ id }) => id > 5)).toBe(true);
  });

  it('ends no more idle connections than there are waiters to serve', async () => {
    const { pool, clock } = await warm({ size: { min: 10, max: 10 } });
    await clock.advance(200);
    expect(pool.snapshot().connections.idle).toBe(10);
    pool.recycle();
    const waiter = pool.acquire();
    expect(pool.snapshot().connections).toMatchObject({ idle: 9, closing: 1 });
    await clock.advance(100);
    (await waiter).release();
  });

  it('never lends a connection of an older generation again', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    pool.recycle();
    const lease = pool.acquire();
    await clock.advance(200);
    expect((await lease).connection.id).toBe(2);
    (await lease).release();
  });
});
