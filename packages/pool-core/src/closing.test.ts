import { describe, expect, it } from 'vitest';
import { createRig, rejectionOf } from '../test/rig.ts';

async function warm(options: Parameters<typeof createRig>[0] = {}) {
  const rig = createRig({ size: { min: 2, max: 4 }, ...options });
  await rig.clock.advance(5);
  return rig;
}

describe('close', () => {
  it('leaves no timer, no connection and nobody waiting', async () => {
    const { pool, clock, truth } = await warm();
    const closed = pool.close();
    await clock.advance(10);
    expect(await closed).toEqual({ drained: true, culprits: [] });
    expect(clock.pending()).toBe(0);
    expect(truth.alive()).toBe(0);
    expect(truth.watches).toBe(0);
    expect(pool.snapshot()).toMatchObject({ state: 'closed', live: 0 });
  });

  it('tells every waiter at once and refuses whoever comes later', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    const lease = await pool.acquire();
    const waiter = rejectionOf(pool.acquire());
    const closed = pool.close();
    expect((await waiter).code).toBe('POOL_CLOSED');
    expect((await rejectionOf(pool.acquire())).code).toBe('POOL_CLOSED');
    expect((await rejectionOf(pool.ready())).code).toBe('POOL_CLOSED');
    expect(pool.tryAcquire()).toBeUndefined();
    lease.release();
    await clock.advance(10);
    expect((await closed).drained).toBe(true);
  });

  it('tells those who wait for a warm pool, at once', async () => {
    const { pool, clock, server } = await warm({ size: { min: 0, max: 2 } });
    server.become({ kind: 'silent' });
    pool.resize({ min: 1 });
    const ready = rejectionOf(pool.ready());
    const closed = pool.close();
    expect((await ready).code).toBe('POOL_CLOSED');
    await clock.advance(5_000);
    await closed;
    expect(clock.pending()).toBe(0);
  });

  it('waits for leases, then takes them away and names who held them', async () => {
    const { pool, clock, truth } = await warm({ leak: { stacks: 'always' } });
    const lease = await pool.acquire({ label: 'report' });
    const closed = pool.close({ timeoutMs: 1_000 });
    await clock.advance(1_010);
    const report = await closed;
    expect(report).toMatchObject({ drained: false, culprits: [{ label: 'report', heldMs: 1_000 }] });
    expect(report.culprits[0]?.stack).toContain('closing.test.ts');
    expect(() => lease.connection).toThrow('used after it ended');
    expect(truth.alive()).toBe(0);
  });

  it('can be asked for again from within what it tells', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    const lease = await pool.acquire();
    const nested: unknown[] = [];
    pool.on('request-refused', () => void pool.close().then((report) => nested.push(report)));
    pool.acquire().catch(() => {});
    const closed = pool.close();
    lease.release();
    await clock.advance(10);
    expect(nested).toEqual([await closed]);
  });

  it('cuts a dial whose start it was told of', async () => {
    const rig = createRig({ size: { min: 0, max: 1 }, prepare: (server) => server.script('open', { kind: 'hang' }) });
    let closed: Promise<unknown> = Promise.resolve();
    rig.pool.on('dial-started', () => {
      closed = rig.pool.close();
    });
    const refused = rejectionOf(rig.pool.acquire());
    await rig.clock.advance(1_001);
    await closed;
    expect((await refused).code).toBe('POOL_CLOSED');
  });

  it('cuts checks that hang without a limit when the time to drain is over', async () => {
    const { pool, clock, server } = await warm({
      size: { min: 1, max: 1 },
      validation: { timeoutMs: Infinity, intervalMs: Infinity },
    });
    await clock.advance(1_000);
    server.script('check', { kind: 'hang' });
    pool.acquire().catch(() => {});
    const closed = pool.close({ timeoutMs: 1_000 });
    await clock.advance(2_001);
    await closed;
    expect(clock.pending()).toBe(0);
  });

  it('survives a driver whose goodbye reports the neighbours broken', async () => {
    const rig = await warm({ size: { min: 4, max: 4 } });
    const { close } = rig.driver;
    rig.driver.close = (connection, context) => {
      for (const other of rig.truth.held) if (other !== connection && other.alive) rig.breakConnection(other, 'once');
      return close(connection, context);
    };
    rig.pool.resize({ min: 0, max: 1 });
    await rig.clock.advance(1_000);
    expect(rig.pool.snapshot().live).toBeLessThanOrEqual(1);
    const closed = rig.pool.close();
    await rig.clock.advance(1_000);
    await closed;
  });

  it('tells of the last lease before it tells that it is closed', async () => {
    const { pool, clock } = await warm({ size: { min: 1, max: 1 } });
    await pool.acquire({ label: 'report' });
    const told: string[] = [];
    pool.on('lease-released', ({ label }) => told.push(`released ${label}`));
    pool.on('connection-closed', () => told.push('connection closed'));
    pool.on('closed', () => told.push('closed'));
    const closed = pool.close({ timeoutMs: 1_000 });
    await clock.advance(1_010);
    await closed;
    expect(told).toEqual(['released report', 'connection closed', 'closed']);
  });

  it('survives a listener that gives back one lease when it is told that another was taken away', async () => {
    const { pool, clock } = await warm({ size: { min: 3, max: 3 } });
    const labels = ['first', 'second', 'third'];
    const leases = await Promise.all(labels.map((label) => pool.acquire({ label })));
    pool.on('lease-released', ({ label }) => {
      if (label !== 'second') leases[1]?.release();
    });
    const closed = pool.close({ timeoutMs: 1_000 });
    await clock.advance(1_010);
    const { culprits } = await closed;
    expect(culprits.map(({ label }) => label).toSorted()).toEqual(['first', 'third']);
    expect(clock.pending()).toBe(0);
  });

  it('is not over while a waiter is still to be told, whatever the others do when they are', async () => {
    const { pool, clock } = createRig({ size: { min: 0, max: 1 }, connect: { concurrency: 1 } });
    pool.suspend();
    const aborts = Array.from({ length: 4 }, () => new AbortController());
    const codes = aborts.map(async ({ signal }) => (await rejectionOf(pool.acquire({ signal }))).code);
    const told: string[] = [];
    pool.on('request-refused', ({ reason }) => {
      told.push(reason);
      for (const abort of aborts.slice(1, 3)) abort.abort();
    });
    pool.on('closed', () => told.push('the end'));
    const closed = pool.close();
    expect(told).toEqual(['closed', 'aborted', 'aborted', 'closed', 'the end']);
    expect(clock.pending()).toBe(0);
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['POOL_CLOSED', 'ACQUIRE_ABORTED']));
    await closed;
  });

  it('changes nothing more once it has begun', async () => {
    const { pool, clock } = await warm();
    const closed = pool.close();
    pool.recycle();
    pool.resize({ max: 9 });
    pool.suspend();
    pool.resume();
    await clock.advance(10);
    await closed;
    expect(pool.snapshot()).toMatchObject({ state: 'closed', generation: 0, size: { max: 4 } });
  });

  it('answers everybody who asks with the same report', async () => {
    const { pool, clock } = await warm();
    const both = Promise.all([pool.close(), pool.close()]);
    await clock.advance(10);
    const [first, second] = await both;
    expect(second).toBe(first);
  });

  it('cuts dials that are under way, and destroys what arrives after all', async () => {
    const { pool, clock, truth } = await warm({ behaviour: { open: { latencyMs: [400, 400], heedsAbort: 0 } } });
    const closed = pool.close();
    await clock.advance(2_000);
    await closed;
    expect(truth.alive()).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  it('ends in bounded time when the driver never answers', async () => {
    const { pool, clock, server } = await warm({ closing: { timeoutMs: 2_000 } });
    server.become({ kind: 'silent' });
    const closed = pool.close();
    await clock.advance(3_001);
    await closed;
    expect(pool.snapshot()).toMatchObject({ state: 'closed', live: 0, abandoned: 2 });
    expect(clock.pending()).toBe(0);
  });

  it.each([0, -5, Number.NaN])('answers a timeout of %s ms with one typed error and stays open', async (timeoutMs) => {
    const { pool, clock } = await warm();
    expect((await rejectionOf(pool.close({ timeoutMs }))).code).toBe('INVALID_OPTIONS');
    expect(pool.snapshot().state).toBe('open');
    const closed = pool.close();
    await clock.advance(10);
    await closed;
  });
});
