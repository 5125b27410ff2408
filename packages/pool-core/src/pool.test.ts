import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

async function warm(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
  rig = createRig(options);
  await rig.clock.advance(10);
  return rig;
}

describe('a pool', () => {
  it('dials its minimum as soon as it is made, and is ready then', async () => {
    rig = createRig({ size: { min: 2, max: 5 } });
    const ready = rig.pool.ready();
    expect(rig.pool.snapshot().connections.dialing).toBe(2);
    await rig.clock.advance(1);
    await ready;
    expect(rig.pool.snapshot().connections.idle).toBe(2);
  });

  it('lends the connection that was used last', async () => {
    const { pool } = await warm({ size: { min: 2, max: 2 } });
    const [first, second] = [await pool.acquire(), await pool.acquire()];
    const { id } = first.connection;
    second.release();
    first.release();
    const again = await pool.acquire();
    expect(again.connection.id).toBe(id);
    again.release();
  });

  it('serves waiters in order of arrival', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    const holder = await pool.acquire();
    const served: string[] = [];
    const waiters = ['a', 'b', 'c'].map(async (name) => {
      const lease = await pool.acquire();
      served.push(name);
      lease.release();
    });
    expect(pool.snapshot().waiting).toBe(3);
    holder.release();
    await clock.settle();
    await Promise.all(waiters);
    expect(served).toEqual(['a', 'b', 'c']);
  });

  it('gives the caller of use the very error that the work threw, and keeps the connection', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    const mine = new Error('duplicate key');
    expect(await rejectionOf(pool.use(() => Promise.reject(mine)))).toBe(mine);
    expect(pool.snapshot().connections.idle).toBe(1);
  });

  it('takes a synchronous work function and its synchronous throw', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    expect(await pool.use(() => 42)).toBe(42);
    const thrown = new Error('at once');
    expect(
      await rejectionOf(
        pool.use(() => {
          throw thrown;
        }),
      ),
    ).toBe(thrown);
    expect(pool.snapshot().connections.leased).toBe(0);
  });

  it('ends a lease once: a second release changes nothing and is told', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    const told: unknown[] = [];
    pool.on('double-release', (event) => told.push(event));
    const lease = await pool.acquire({ label: 'report' });
    lease.release();
    const next = await pool.acquire();
    lease.release();
    expect(pool.snapshot().connections.leased).toBe(1);
    expect(told).toEqual([{ connection: 1, label: 'report' }]);
    next.release();
  });

  it('refuses the connection of a lease that ended', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    const lease = await pool.acquire({ label: 'report' });
    lease.release();
    expect(() => lease.connection).toThrow("the lease 'report' was used after it ended");
  });

  it('releases at the end of a using block and of an await using block', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    {
      using lease = await pool.acquire();
      expect(lease.connection.state).toBe('open');
    }
    {
      await using lease = await pool.acquire();
      expect(lease.connection.state).toBe('open');
    }
    expect(pool.snapshot().connections.idle).toBe(1);
  });

  it('never makes a listener of its events able to break it', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    const faults: unknown[] = [];
    pool.on('lease-granted', () => {
      throw new Error('listener');
    });
    pool.on('listener-failed', (fault) => faults.push(fault));
    (await pool.acquire()).release();
    expect(faults).toHaveLength(1);
    expect(pool.snapshot().connections.idle).toBe(1);
  });

  it('lets a listener acquire and release from within an event', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    let nested = 0;
    pool.on('lease-released', () => {
      if (nested++ < 3) void pool.use(() => undefined);
    });
    (await pool.acquire()).release();
    await clock.settle();
    expect(nested).toBe(4);
    expect(pool.snapshot().connections).toMatchObject({ idle: 1, leased: 0 });
  });
});

describe('tryAcquire', () => {
  it('lends a fresh connection at once and nothing else', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 }, validation: { bypassMs: 500 } });
    const lease = pool.tryAcquire();
    expect(lease?.connection.id).toBe(1);
    expect(pool.tryAcquire()).toBeUndefined();
    lease?.release();
    await clock.advance(500);
    expect(pool.tryAcquire()).toBeUndefined();
  });

  it('does not overtake anybody who waits', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    const holder = await pool.acquire();
    const waiter = pool.acquire();
    holder.release();
    expect(pool.tryAcquire()).toBeUndefined();
    (await waiter).release();
  });
});

describe('the queue', () => {
  it('refuses a request beyond its limit with an error of its own', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 }, acquire: { queueLimit: 1 } });
    const holder = await pool.acquire();
    const waiter = pool.acquire();
    const error = await rejectionOf(pool.acquire());
    expect(error.code).toBe('QUEUE_FULL');
    holder.release();
    (await waiter).release();
  });

  it('tells a timeout by what the pool was doing, and loses no connection to it', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 }, acquire: { timeoutMs: 100 } });
    const holder = await pool.acquire();
    const waiter = rejectionOf(pool.acquire());
    await clock.advance(100);
    expect(await waiter).toMatchObject({ code: 'ACQUIRE_TIMEOUT', waitedMs: 100, snapshot: { waiting: 0 } });
    holder.release();
    (await pool.acquire()).release();
  });

  it('never times a request out before its deadline', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    const holder = await pool.acquire();
    let state = 'waiting';
    const waiter = pool.acquire({ timeoutMs: 100 }).catch(() => {
      state = 'refused';
    });
    await clock.advance(99.9);
    expect(state).toBe('waiting');
    await clock.advance(0.1);
    expect(state).toBe('refused');
    await waiter;
    holder.release();
  });

  it('lets an abort free the place at once, with the reason as cause', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    const holder = await pool.acquire();
    const controller = new AbortController();
    const waiter = rejectionOf(pool.acquire({ signal: controller.signal }));
    controller.abort('gone home');
    expect(await waiter).toMatchObject({ code: 'ACQUIRE_ABORTED', cause: 'gone home' });
    expect(pool.snapshot().waiting).toBe(0);
    holder.release();
  });

  it('refuses a request whose signal aborted before it came', async () => {
    const { pool } = await warm({ size: { min: 1, max: 1 } });
    const error = await rejectionOf(pool.acquire({ signal: AbortSignal.abort('late') }));
    expect(error).toMatchObject({ code: 'ACQUIRE_ABORTED', cause: 'late' });
  });

  it('never cancels a dial because a request was cancelled', async () => {
    rig = createRig({ size: { min: 0, max: 1 }, behaviour: { open: { latencyMs: [50, 50] } } });
    const controller = new AbortController();
    const waiter = rejectionOf(rig.pool.acquire({ signal: controller.signal }));
    controller.abort();
    await waiter;
    await rig.clock.advance(50);
    expect(rig.pool.snapshot().connections.idle).toBe(1);
  });

  it.each([0, -1, Number.NaN])('answers a timeout of %s ms with one typed error', async (timeoutMs) => {
    const { pool } = await warm();
    const error = await rejectionOf(pool.acquire({ timeoutMs }));
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS', faults: [{ path: 'timeoutMs', value: timeoutMs }] });
  });

  it('does not judge a request timed out when its answer only waited behind a blocked event loop', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    const holder = await pool.acquire();
    const waiter = pool.acquire({ timeoutMs: 300 });
    clock.stall(600);
    // The reply that frees the connection is read in the same turn in which the late timer fires.
    clock.afterInput(() => holder.release());
    await clock.advance(0);
    (await waiter).release();
  });
});

describe('suspend and resume', () => {
  it('hold requests without failing them, and check idle connections before they are lent again', async () => {
    const { pool, clock, truth } = await warm({ size: { min: 1, max: 1 } });
    pool.suspend();
    const waiter = pool.acquire();
    await clock.advance(1_000);
    expect(pool.snapshot()).toMatchObject({ state: 'suspended', waiting: 1 });
    pool.resume();
    expect(truth.runningCount.check).toBe(1);
    await clock.advance(1);
    (await waiter).release();
  });

  it('keep deadlines running', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    pool.suspend();
    const waiter = rejectionOf(pool.acquire({ timeoutMs: 100 }));
    await clock.advance(100);
    expect((await waiter).code).toBe('ACQUIRE_TIMEOUT');
    pool.resume();
  });
});
