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

describe('growth', () => {
  it('dials for a burst of short work at most twice', async () => {
    rig = createRig({ size: { min: 5, max: 20 }, behaviour: { open: { latencyMs: [150, 150] } } });
    await rig.clock.advance(200);
    const work = Array.from({ length: 50 }, () =>
      rig.pool.use(() => new Promise<void>((resolve) => rig.clock.set(2, resolve, { background: false }))),
    );
    await rig.clock.advance(100);
    await Promise.all(work);
    expect(rig.truth.dials.length - 5).toBeLessThanOrEqual(2);
  });

  it('dials no more for it when the idle connections have to be checked first', async () => {
    rig = createRig({ size: { min: 5, max: 20 }, behaviour: { open: { latencyMs: [150, 150] } } });
    await rig.clock.advance(2_000);
    const before = rig.truth.dials.length;
    const work = Array.from({ length: 50 }, () =>
      rig.pool.use(() => new Promise<void>((resolve) => rig.clock.set(2, resolve, { background: false }))),
    );
    await rig.clock.advance(100);
    await Promise.all(work);
    expect(rig.truth.dials.length - before).toBeLessThanOrEqual(2);
  });

  it('serves a steady load with as many as it has work for, although nobody ever waits as long as a dial takes', async () => {
    rig = createRig({ size: { min: 3, max: 20 }, behaviour: { open: { latencyMs: [60, 60] } } });
    await rig.clock.advance(200);
    let isOver = false;
    const worker = async () => {
      while (!isOver)
        await rig.pool.use(() => new Promise<void>((resolve) => rig.clock.set(20, resolve, { background: false })));
    };
    const workers = Array.from({ length: 20 }, worker);
    await rig.clock.advance(3_000);
    expect(rig.pool.snapshot().connections.leased).toBe(20);
    isOver = true;
    await rig.clock.advance(100);
    await Promise.all(workers);
  });

  it('dials for long work, never more at once than its concurrency', async () => {
    rig = createRig({
      size: { min: 0, max: 50 },
      connect: { concurrency: 4 },
      behaviour: { open: { latencyMs: [20, 20] } },
    });
    let peak = 0;
    rig.pool.on('dial-started', () => {
      peak = Math.max(peak, rig.truth.runningCount.open);
    });
    const work = Array.from({ length: 50 }, () =>
      rig.pool.use(() => new Promise<void>((resolve) => rig.clock.set(1_000, resolve, { background: false }))),
    );
    await rig.clock.advance(600);
    expect(rig.pool.snapshot().connections.leased).toBeGreaterThan(40);
    expect(peak).toBeLessThanOrEqual(4);
    await rig.clock.advance(3_000);
    await Promise.all(work);
  });

  it('never takes more connections than its maximum, or than the shared capacity has tickets', async () => {
    let tickets = 2;
    const capacity = { tryTake: () => tickets > 0 && tickets-- > 0, give: () => void tickets++ };
    rig = createRig({ size: { min: 0, max: 5 }, capacity });
    const waiters = Array.from({ length: 5 }, () =>
      rejectionOf(
        rig.pool.acquire({ timeoutMs: 5_000 }).then((lease) => {
          expect(lease.connection.state).toBe('open');
          throw Object.assign(new Error('kept'), { code: 'KEPT' });
        }),
      ),
    );
    await rig.clock.advance(6_000);
    const codes = (await Promise.all(waiters)).map(({ code }) => code);
    expect(codes.filter((code) => code === 'KEPT')).toHaveLength(2);
    expect(tickets).toBe(0);
  });

  it('lets one probe dial start beside a dial that has become slow', async () => {
    rig = createRig({
      size: { min: 1, max: 3 },
      connect: { concurrency: 1, timeoutMs: 10_000 },
      prepare: (server) => server.script('open', { kind: 'hang' }),
    });
    await rig.clock.advance(999);
    expect(dialTimes()).toEqual([0]);
    const waiter = rig.pool.acquire();
    await rig.clock.advance(10);
    expect(dialTimes()).toEqual([0, 1_000]);
    (await waiter).release();
  });
});

describe('a server that falls silent', () => {
  it('serves several callers within a second once it answers again, also right after a probe that hangs for good', async () => {
    rig = createRig({ size: { min: 0, max: 20 }, behaviour: { open: { latencyMs: [20, 20] } } });
    rig.server.become({ kind: 'silent' });
    const waiters = Array.from({ length: 10 }, () => rig.pool.acquire());
    await rig.clock.advance(500);
    const before = dialTimes().length;
    while (dialTimes().length === before) await rig.clock.advance(1);
    rig.server.become({ kind: 'healthy' });
    await rig.clock.advance(1_000);
    expect(rig.pool.snapshot().connections.leased).toBeGreaterThan(0);
    await rig.clock.advance(1_000);
    for (const lease of await Promise.all(waiters)) lease.release();
  });
});

describe('a dial that hangs while others answer', () => {
  it('does not hold back growth once another has succeeded', async () => {
    rig = createRig({ size: { min: 0, max: 20 }, behaviour: { open: { latencyMs: [5, 5] } } });
    rig.server.script('open', { kind: 'hang' });
    const first = rig.pool.acquire({ timeoutMs: 20_000 });
    await rig.clock.advance(1_500);
    const work = Array.from({ length: 15 }, () => rig.pool.acquire());
    await rig.clock.advance(200);
    expect(rig.pool.snapshot().connections.leased).toBe(16);
    for (const lease of await Promise.all([first, ...work])) lease.release();
  });

  it('is called slow in time although a dial long ago took very long', async () => {
    rig = createRig({
      size: { min: 1, max: 10 },
      prepare: (server) => server.script('open', { kind: 'succeed', afterMs: 2_600 }),
    });
    await rig.clock.advance(3_000);
    const lease = rig.pool.acquire();
    await rig.clock.advance(5);
    rig.server.become({ kind: 'silent' });
    const waiter = rig.pool.acquire();
    await rig.clock.advance(3_000);
    rig.server.become({ kind: 'healthy' });
    await rig.clock.advance(1_200);
    (await lease).release();
    (await waiter).release();
  });
});

describe('parts that callers supply and that throw', () => {
  it('cost no waiter: a capacity that throws is one without a ticket, and is told of', async () => {
    let broken = true;
    const capacity = {
      tryTake: () => {
        if (broken) throw new Error('no capacity');
        return true;
      },
      give: () => {},
    };
    rig = createRig({ size: { min: 0, max: 2 }, capacity });
    const told: string[] = [];
    rig.pool.on('listener-failed', ({ event }) => told.push(event));
    const waiter = rig.pool.acquire();
    broken = false;
    await rig.clock.advance(300);
    (await waiter).release();
    expect(told).toEqual(['capacity.tryTake']);
  });

  it('cost no slot: a retry budget that throws is an empty one', async () => {
    const budget = {
      tryTake: () => {
        throw new Error('no budget');
      },
    };
    rig = createRig({ size: { min: 0, max: 2 }, connect: { budget, maxDelayMs: 500 } });
    rig.server.script('open', { kind: 'fail', error: new Error('refused') });
    const waiter = rig.pool.acquire();
    await rig.clock.advance(600);
    (await waiter).release();
    expect(rig.pool.snapshot().live).toBe(1);
  });

  it('cost no housekeeping: a sizer that throws has no plan', async () => {
    const sizer = {
      name: 'broken',
      start: () => ({
        plan: () => {
          throw new Error('no plan');
        },
        rebase: () => {},
      }),
    };
    rig = createRig({ size: { min: 1, max: 2, sizer } });
    const told: string[] = [];
    rig.pool.on('listener-failed', ({ event }) => told.push(event));
    await rig.clock.advance(3_500);
    expect(told).toEqual(['sizer.plan', 'sizer.plan', 'sizer.plan']);
  });
});

describe('a driver that misbehaves while it dials', () => {
  it.each([
    ['throws synchronously', { kind: 'throw', error: new Error('sync') }],
    ['rejects with undefined', { kind: 'fail', error: undefined }],
    ['rejects with a string', { kind: 'fail', error: 'no' }],
  ] as const)('and %s costs no slot and no waiter', async (_how, fate) => {
    rig = createRig({ size: { min: 0, max: 1 } });
    rig.server.script('open', fate);
    const waiter = rig.pool.acquire();
    await rig.clock.advance(1_000);
    (await waiter).release();
    expect(rig.pool.snapshot().live).toBe(1);
  });

  it('and hangs for ever gives its slot back one second after the time limit', async () => {
    rig = createRig({ size: { min: 0, max: 2 }, connect: { timeoutMs: 2_000 }, breaker: false });
    rig.server.script('open', { kind: 'hang' }, { kind: 'hang' });
    const waiter = rig.pool.acquire();
    await rig.clock.advance(2_999);
    expect(rig.pool.snapshot()).toMatchObject({ live: 2, abandoned: 0 });
    await rig.clock.advance(2);
    expect(rig.pool.snapshot()).toMatchObject({ abandoned: 1 });
    await rig.clock.advance(1_000);
    (await waiter).release();
  });

  it('and resolves long after it was given up on has its connection destroyed on arrival', async () => {
    rig = createRig({ size: { min: 0, max: 1 }, connect: { timeoutMs: 2_000 }, breaker: false });
    rig.server.script('open', { kind: 'late', byMs: 7_000 });
    const waiter = rig.pool.acquire();
    await rig.clock.advance(20_000);
    (await waiter).release();
    expect(rig.truth.alive()).toBe(1);
    expect(rig.pool.snapshot().abandoned).toBe(0);
    const closed = rig.pool.metrics.read().metrics.find(({ labels }) => labels.reason === 'late');
    expect(closed).toMatchObject({ name: 'cryo_pool_connections_closed_total', value: 1 });
  });

  it('and hangs every time is dialed no more once as many calls are abandoned as there may be connections', async () => {
    rig = createRig({ size: { min: 0, max: 2 }, connect: { timeoutMs: 1_000 }, breaker: false });
    rig.server.become({ kind: 'silent' });
    const waiter = rejectionOf(rig.pool.acquire({ timeoutMs: 100_000 }));
    await rig.clock.advance(100_000);
    expect(rig.truth.dials.length).toBeLessThanOrEqual(4);
    expect(rig.pool.snapshot().abandoned).toBe(2);
    expect(await waiter).toMatchObject({ code: 'ACQUIRE_TIMEOUT' });
  });
});
