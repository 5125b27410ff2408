import type { AbortSignal } from '@cryo/resilience';
import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';
import type { UseContext } from './pool.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

async function warm(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
  rig = createRig({ size: { min: 1, max: 1 }, validation: { intervalMs: Infinity }, ...options });
  await rig.clock.advance(10);
  return rig;
}

describe('a loan to a piece of work', () => {
  it('begins with the call and ends as soon as the work has settled, before the caller hears of it', async () => {
    const { pool } = await warm();
    let finish: (result: string) => void = () => {};
    const used = pool.use(() => {
      expect(pool.snapshot().connections).toMatchObject({ leased: 1, idle: 0 });
      return new Promise<string>((resolve) => {
        finish = resolve;
      });
    });
    expect(pool.snapshot().connections.leased).toBe(1);
    finish('done');
    const heard = used.then((result) => [result, pool.snapshot().connections.leased]);
    expect(await heard).toEqual(['done', 0]);
  });

  it('is counted and measured as every lease is', async () => {
    const { pool, clock } = await warm();
    const used = pool.use(() => new Promise<void>((resolve) => clock.set(40, resolve, { background: false })));
    await clock.advance(40);
    await used;
    const reading = Object.fromEntries(pool.metrics.read().metrics.map((metric) => [metric.name, metric]));
    expect(reading.cryo_pool_leases_granted_total).toMatchObject({ value: 1 });
    expect(reading.cryo_pool_leases_released_total).toMatchObject({ value: 1 });
    expect(reading.cryo_pool_use_ms).toMatchObject({ histogram: { count: 1, max: 40 } });
    expect(reading.cryo_pool_acquire_ms).toMatchObject({ histogram: { count: 1, max: 0 } });
  });

  it('passes on whatever the work answers or throws, once it is settled', async () => {
    const { pool } = await warm();
    const mine = new Error('mine');
    // biome-ignore lint/suspicious/noThenProperty: a driver may answer with a thenable of its own
    const thenable = { then: (resolve: (value: string) => void) => resolve('by and by') };
    expect(await pool.use(() => 7)).toBe(7);
    expect(await pool.use(() => thenable as PromiseLike<string>)).toBe('by and by');
    expect(await rejectionOf(pool.use(() => Promise.reject(mine)))).toBe(mine);
    const throwing = pool.use(() => {
      throw mine;
    });
    expect(await rejectionOf(throwing)).toBe(mine);
    expect(pool.snapshot().connections).toMatchObject({ leased: 0, idle: 1 });
  });

  it('listens to a promise whose own then was replaced as await would', async () => {
    const { pool } = await warm();
    // biome-ignore lint/suspicious/noThenProperty: libraries that trace promises do that
    const patched = Object.assign(Promise.resolve(3), { then: () => undefined });
    expect(await pool.use(() => patched)).toBe(3);
  });

  it('ends although the answer only looks like a promise, or refuses to be looked at', async () => {
    const { pool } = await warm();
    const guise = Object.create(Promise.prototype) as Promise<number>;
    expect(await rejectionOf(pool.use(() => guise))).toBeInstanceOf(TypeError);
    const mine = new Error('mine');
    const guarded = Object.defineProperty(Promise.resolve(3), 'constructor', {
      get: () => {
        throw mine;
      },
    });
    expect(await rejectionOf(pool.use(() => guarded))).toBe(mine);
    expect(pool.snapshot().connections).toMatchObject({ leased: 0, idle: 1 });
  });

  it('has a context of its own, which nothing that happens to a later loan aborts', async () => {
    const { pool, clock } = await warm({ leak: { warnAfterMs: 1_000, reclaimAfterMs: 2_000 } });
    const signals: AbortSignal[] = [];
    await pool.use((_connection, { signal }) => signals.push(signal));
    const hung = pool.use((_connection, { signal }) => {
      signals.push(signal);
      return new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    const refused = rejectionOf(hung);
    await clock.advance(10_000);
    expect(await refused).toMatchObject({ code: 'LEASE_RELEASED' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  });

  it('tells work that asks late that the connection was taken away, always by the same signal', async () => {
    const { pool, clock } = await warm({ leak: { warnAfterMs: 1_000, reclaimAfterMs: 2_000 } });
    let finish: () => void = () => {};
    let held: UseContext | undefined;
    const used = pool.use((_connection, context) => {
      held = context;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await clock.advance(10_000);
    const signal = held?.signal;
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ code: 'LEASE_RELEASED' });
    finish();
    await used;
    expect(held?.signal).toBe(signal);
  });

  it('that was given back is not aborted by what happens to the connection later, whenever its signal is asked for', async () => {
    const { pool, clock } = await warm({ leak: { warnAfterMs: 1_000, reclaimAfterMs: 2_000 } });
    const early = await pool.use((_connection, context) => context);
    const late = await pool.use((_connection, context) => context);
    const signals = [early.signal];
    const hung = rejectionOf(
      pool.use(
        (_connection, { signal }) =>
          new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ),
    );
    await clock.advance(10_000);
    expect(await hung).toMatchObject({ code: 'LEASE_RELEASED' });
    signals.push(late.signal);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    expect([early.deadline, late.deadline]).toEqual([Infinity, Infinity]);
  });

  it('whose connection was taken away ends without a second release', async () => {
    const { pool, clock } = await warm({ leak: { warnAfterMs: 1_000, reclaimAfterMs: 2_000 } });
    const told: string[] = [];
    pool.on('double-release', () => told.push('double-release'));
    let finish: () => void = () => {};
    const used = pool.use(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    await clock.advance(10_000);
    const { leased, idle } = pool.snapshot().connections;
    finish();
    await used;
    expect(pool.snapshot().connections).toMatchObject({ leased, idle });
    expect([leased, told]).toEqual([0, []]);
  });
});
