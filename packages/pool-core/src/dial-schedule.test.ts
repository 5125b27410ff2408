import { retryBudget } from '@cryo/resilience';
import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

function dialTimes(): number[] {
  return rig.truth.dials.map(({ startedAtMs }) => startedAtMs);
}

describe('an outage', () => {
  async function outage(options: Parameters<typeof createRig>[0] = {}): Promise<void> {
    rig = createRig({ size: { min: 1, max: 3 }, prepare: (server) => server.become({ kind: 'refusing' }), ...options });
    await rig.clock.advance(5_000);
  }

  it('opens the breaker after as many failed dials as its threshold, and then probes about once a second', async () => {
    await outage();
    expect(rig.pool.snapshot().breaker).toMatchObject({ state: 'open', cause: 'connection refused' });
    const before = rig.truth.dials.length;
    await rig.clock.advance(10_000);
    expect(rig.truth.dials.length - before).toBeGreaterThanOrEqual(9);
    expect(rig.truth.dials.length - before).toBeLessThanOrEqual(11);
  });

  it('probes ever more rarely after half a minute, up to openForMs', async () => {
    await outage();
    await rig.clock.advance(300_000);
    const last = dialTimes().slice(-2) as [number, number];
    expect(last[1] - last[0]).toBeGreaterThan(26_000);
    expect(last[1] - last[0]).toBeLessThan(34_000);
  });

  it('waits between failed dials 200 ms at first, then each time twice as long, and at most 10 s, give or take a tenth', async () => {
    await outage({ breaker: false, connect: { maxRetries: Infinity } });
    await rig.clock.advance(60_000);
    const times = dialTimes();
    const waits = times.slice(1).map((time, index) => time - (times[index] as number));
    for (const [index, wait] of waits.entries()) {
      const nominal = Math.min(200 * 2 ** index, 10_000);
      expect(wait).toBeGreaterThanOrEqual(0.89 * nominal);
      expect(wait).toBeLessThanOrEqual(1.11 * nominal + 5);
    }
    expect(waits.length).toBeGreaterThanOrEqual(10);
  });

  it('makes a retry for which a shared budget has nothing left wait as long as any may', async () => {
    const budget = retryBudget({ capacity: 2, perSecond: 0 });
    await outage({ connect: { budget } });
    expect(budget.tryTake()).toBe(false);
    await rig.clock.advance(10_000);
    const [third = 0, fourth = 0] = dialTimes().slice(2);
    expect(dialTimes()).toHaveLength(4);
    expect(fourth - third).toBeGreaterThanOrEqual(10_000);
  });

  it('refuses a request at once with the real cause while nothing is left that could serve', async () => {
    await outage();
    const error = await rejectionOf(rig.pool.acquire());
    expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE', cause: { message: 'connection refused' } });
    expect(rig.pool.health().status).toBe('down');
  });

  it('serves again within about a second of healing, with two probes one right after the other', async () => {
    await outage();
    rig.server.become({ kind: 'healthy' });
    await rig.clock.advance(1_200);
    expect(rig.pool.snapshot()).toMatchObject({ breaker: { state: 'closed' }, connections: { idle: 2 } });
    (await rig.pool.acquire()).release();
  });

  it('lets requests queue while a connection is leased, and refuses them all when the last one is lost', async () => {
    rig = createRig({ size: { min: 1, max: 2 } });
    await rig.clock.advance(5);
    const lease = await rig.pool.acquire();
    rig.server.become({ kind: 'refusing' });
    const waiter = rejectionOf(rig.pool.acquire());
    await rig.clock.advance(5_000);
    expect(rig.pool.snapshot()).toMatchObject({ breaker: { state: 'open' }, waiting: 1 });
    rig.breakConnection(lease.connection, 'once');
    lease.release();
    expect(await waiter).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  });

  it('leaves callers waiting for their deadline when the pool was made without a breaker', async () => {
    await outage({ breaker: false, acquire: { timeoutMs: 3_000 } });
    const waiter = rejectionOf(rig.pool.acquire());
    await rig.clock.advance(2_999);
    expect(rig.pool.snapshot()).toMatchObject({ waiting: 1, breaker: { state: 'off' } });
    await rig.clock.advance(1);
    expect(await waiter).toMatchObject({ code: 'ACQUIRE_TIMEOUT', cause: { message: 'connection refused' } });
  });

  it('makes ready reject with the cause, and never as an unhandled rejection', async () => {
    rig = createRig({ size: { min: 1, max: 3 }, prepare: (server) => server.become({ kind: 'misconfigured' }) });
    await rig.clock.advance(5);
    expect(await rejectionOf(rig.pool.ready())).toMatchObject({
      code: 'MISCONFIGURED',
      cause: { message: 'no such database' },
    });
  });

  it('does not forget that it is down when the server falls silent while it recovers', async () => {
    await outage({ size: { min: 1, max: 10 } });
    rig.server.become({ kind: 'silent' });
    await rig.clock.advance(3_000);
    expect(await rejectionOf(rig.pool.acquire())).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
    rig.server.become({ kind: 'healthy' });
    await rig.clock.advance(2_500);
    const lease = rig.pool.acquire();
    await rig.clock.advance(1);
    (await lease).release();
  });
});

describe('a misconfigured server', () => {
  const misconfigure: NonNullable<Parameters<typeof createRig>[0]>['prepare'] = (server) =>
    server.become({ kind: 'misconfigured' });

  it('opens the breaker at once and is asked again no sooner than after five seconds', async () => {
    rig = createRig({ size: { min: 1, max: 3 }, connect: { concurrency: 1 }, prepare: misconfigure });
    await rig.clock.advance(1);
    expect(rig.pool.snapshot().breaker.state).toBe('open');
    expect(await rejectionOf(rig.pool.acquire())).toMatchObject({ code: 'MISCONFIGURED' });
    await rig.clock.advance(4_999);
    expect(rig.truth.dials).toHaveLength(1);
    await rig.clock.advance(1_000);
    expect(rig.truth.dials).toHaveLength(2);
  });

  it.each(['recycle', 'resize'] as const)('is asked again at once after %s()', async (mend) => {
    rig = createRig({ size: { min: 1, max: 3 }, connect: { concurrency: 1 }, prepare: misconfigure });
    await rig.clock.advance(10);
    rig.server.become({ kind: 'healthy' });
    if (mend === 'recycle') rig.pool.recycle();
    else rig.pool.resize({ max: 4 });
    await rig.clock.advance(10);
    expect(rig.pool.snapshot().breaker.state).toBe('closed');
  });
});

describe('a listener of breaker-changed', () => {
  it('sees counts that add up, and may call the pool without making it too large', async () => {
    const refuse = (server: { become(state: { kind: 'refusing' }): void }) => server.become({ kind: 'refusing' });
    rig = createRig({ size: { min: 1, max: 1 }, breaker: { successes: 1 }, prepare: refuse });
    let most = 0;
    rig.pool.on('breaker-changed', ({ to }) => {
      if (to === 'closed') rig.pool.resize({ max: 1 });
      most = Math.max(most, rig.pool.snapshot().live);
    });
    await rig.clock.advance(5_000);
    rig.server.become({ kind: 'healthy' });
    await rig.clock.advance(10_000);
    expect(most).toBe(1);
    expect(rig.truth.openedCount).toBe(1);
  });
});

describe('a listener that acts while a probe is being let through', () => {
  const refuse = (server: { become(state: { kind: 'refusing' }): void }) => server.become({ kind: 'refusing' });

  it('may close the pool: no dial starts in a closed one', async () => {
    const closing = createRig({ size: { min: 1, max: 2 }, prepare: refuse });
    let closed: Promise<unknown> | undefined;
    closing.pool.on('breaker-changed', ({ to }) => {
      if (to === 'half-open') closed ??= closing.pool.close();
    });
    await closing.clock.advance(10_000);
    await closed;
    expect(closing.pool.snapshot()).toMatchObject({ state: 'closed', live: 0 });
    expect(closing.clock.pending()).toBe(0);
    rig = createRig({ size: { min: 0, max: 1 } });
  });

  it('may shrink the pool: the probe is given up when there is no room for it any more', async () => {
    rig = createRig({ size: { min: 1, max: 2 }, prepare: refuse });
    await rig.clock.advance(5_000);
    let most = 0;
    rig.pool.on('breaker-changed', ({ to }) => {
      if (to === 'half-open') rig.pool.resize({ min: 0, max: 1 });
    });
    rig.pool.on('dial-started', () => {
      most = Math.max(most, rig.pool.snapshot().live);
    });
    rig.server.become({ kind: 'healthy' });
    await rig.clock.advance(5_000);
    expect(most).toBe(1);
  });
});

describe('ready without a breaker', () => {
  it('rejects as soon as a dial says that the pool is misconfigured', async () => {
    rig = createRig({
      size: { min: 1, max: 2 },
      breaker: false,
      prepare: (server) => server.become({ kind: 'misconfigured' }),
    });
    const ready = rejectionOf(rig.pool.ready());
    await rig.clock.advance(5);
    expect((await ready).code).toBe('MISCONFIGURED');
  });

  it('keeps the process alive while it waits for the next dial, and a waiter that left does not', async () => {
    rig = createRig({ size: { min: 1, max: 2 }, prepare: (server) => server.become({ kind: 'refusing' }) });
    await rig.clock.advance(5);
    expect(rig.clock.pending('foreground')).toBe(0);
    const ready = rejectionOf(rig.pool.ready({ timeoutMs: Infinity }));
    expect(rig.clock.pending('foreground')).toBe(1);
    await rig.clock.advance(5_000);
    expect((await ready).code).toBe('SERVER_UNAVAILABLE');
    expect(rig.clock.pending('foreground')).toBe(0);
  });
});

describe('ready after a mended outage', () => {
  it('waits for the probe that recycle() sends instead of telling the old cause', async () => {
    rig = createRig({ size: { min: 1, max: 3 }, prepare: (server) => server.become({ kind: 'misconfigured' }) });
    await rig.clock.advance(10);
    rig.server.become({ kind: 'healthy' });
    rig.pool.recycle();
    const ready = rig.pool.ready();
    await rig.clock.advance(5);
    await ready;
  });
});

describe('a breaker that is not closed', () => {
  it('closes when the pool is full of working connections and nothing is left to probe', async () => {
    rig = createRig({ size: { min: 2, max: 4 } });
    await rig.clock.advance(5);
    const leases = await Promise.all([rig.pool.acquire(), rig.pool.acquire()]);
    rig.server.become({ kind: 'refusing' });
    const waiter = rejectionOf(rig.pool.acquire({ timeoutMs: 6_000 }));
    await rig.clock.advance(6_000);
    await waiter;
    expect(rig.pool.snapshot().breaker.state).toBe('open');
    rig.pool.resize({ max: 2 });
    await rig.clock.advance(2_000);
    expect(rig.pool.snapshot().breaker.state).toBe('closed');
    for (const lease of leases) lease.release();
  });

  it('keeps waiters waiting when the server that came back is full', async () => {
    rig = createRig({ size: { min: 0, max: 4 }, prepare: (server) => server.become({ kind: 'refusing' }) });
    const refused = rejectionOf(rig.pool.acquire());
    await rig.clock.advance(6_000);
    expect((await refused).code).toBe('SERVER_UNAVAILABLE');
    rig.server.become({ kind: 'overloaded', places: 0 });
    await rig.clock.advance(3_000);
    const waiter = rig.pool.acquire();
    await rig.clock.advance(3_000);
    expect(rig.pool.snapshot().waiting).toBe(1);
    expect(rig.pool.health().status).not.toBe('down');
    rig.server.become({ kind: 'healthy' });
    await rig.clock.advance(1_300);
    (await waiter).release();
  });
});

describe('a server without a free place', () => {
  it('keeps waiters waiting, leaves the breaker alone, and is asked at most once per probe interval', async () => {
    rig = createRig({ size: { min: 0, max: 5 } });
    rig.server.become({ kind: 'overloaded', places: 2 });
    const held: { release(): void }[] = [];
    const work = Array.from({ length: 4 }, async () => held.push(await rig.pool.acquire({ timeoutMs: 60_000 })));
    await rig.clock.advance(10_000);
    expect(held).toHaveLength(2);
    expect(rig.pool.snapshot()).toMatchObject({ waiting: 2, breaker: { state: 'closed' } });
    expect(rig.truth.dials.length).toBeLessThanOrEqual(4 + 9);
    for (const lease of held.splice(0)) lease.release();
    await rig.clock.settle();
    expect(held).toHaveLength(2);
    await Promise.all(work);
    for (const lease of held) lease.release();
  });

  it('is filled one dial at a time once it said so, and takes one dial per probe interval beyond what fits', async () => {
    rig = createRig({ size: { min: 0, max: 20 }, connect: { concurrency: 4 } });
    rig.server.become({ kind: 'overloaded', places: 0 });
    const held: { release(): void }[] = [];
    const work = Array.from({ length: 20 }, async () => held.push(await rig.pool.acquire({ timeoutMs: 60_000 })));
    await rig.clock.advance(500);
    const atOnce = rig.truth.dials.length;
    expect(atOnce).toBeLessThanOrEqual(4);
    rig.server.become({ kind: 'overloaded', places: 10 });
    await rig.clock.advance(1_000);
    expect(held).toHaveLength(10);
    expect(rig.truth.dials.length - atOnce).toBe(11);
    await rig.clock.advance(3_000);
    expect(rig.truth.dials.length - atOnce).toBeLessThanOrEqual(11 + 3);
    rig.server.become({ kind: 'healthy' });
    await rig.clock.advance(1_500);
    expect(held).toHaveLength(20);
    await Promise.all(work);
    for (const lease of held) lease.release();
  });
});
