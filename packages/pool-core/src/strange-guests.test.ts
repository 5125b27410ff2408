import { InvalidOptionsError } from '@cryo/resilience';
import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';
import { flow, watchNestedAcquires } from './node.ts';
import { createPool } from './pool.ts';
import { createPoolMap } from './pool-map.ts';
import { PoolMapClosedError } from './pool-map-contract.ts';
import type { MappedPoolParts } from './pool-map-options.ts';
import { createTracedPool } from './tracing.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

describe('a sizer whose plan makes no sense', () => {
  it.each<[string, unknown]>([
    ['nothing at all', null],
    ['no numbers', { min: Number.NaN, max: Number.NaN }],
    ['a minimum above the maximum', { min: 5, max: 1 }],
    ['no connection at all', { min: 0, max: 0 }],
    ['less than nothing', { min: -3, max: 2 }],
    ['more than absoluteMax', { min: 1, max: 11 }],
    ['half a connection', { min: 1, max: 2.5 }],
    ['no minimum', { max: 4 }],
    ['a text', 'more'],
  ])('changes nothing, and is told of: %s', async (_what, plan) => {
    const sizer = { name: 'strange', start: () => ({ plan: () => plan as never, rebase: () => {} }) };
    rig = createRig({ size: { min: 1, max: 2, absoluteMax: 10, sizer } });
    const told: unknown[] = [];
    rig.pool.on('listener-failed', ({ event, error }) => told.push([event, error instanceof InvalidOptionsError]));
    await rig.clock.advance(1_500);
    expect(rig.pool.snapshot().size).toEqual({ min: 1, max: 2, absoluteMax: 10 });
    expect(told).toEqual([['sizer.plan', true]]);
  });

  it('cannot keep a caller from resizing, where it throws when it is told', async () => {
    const rebase = () => {
      throw new Error('no');
    };
    const sizer = { name: 'strange', start: () => ({ plan: () => undefined, rebase }) };
    rig = createRig({ size: { min: 1, max: 2, sizer } });
    rig.pool.resize({ max: 5 });
    expect(rig.pool.snapshot().size.max).toBe(5);
  });
});

describe('a signal that is none', () => {
  it('is refused where nobody could stop listening to it, instead of costing a connection later', async () => {
    rig = createRig({ size: { min: 1, max: 1 } });
    await rig.clock.advance(10);
    const lease = await rig.pool.acquire();
    const signal = { aborted: false, addEventListener: () => {} } as never;
    expect((await rejectionOf(rig.pool.acquire({ signal }))).code).toBe('INVALID_OPTIONS');
    lease.release();
    expect(rig.pool.snapshot().connections).toMatchObject({ idle: 1, leased: 0 });
  });

  it('rejects the request whose listening it refuses, and throws nothing at the caller', async () => {
    rig = createRig({ size: { min: 1, max: 1 } });
    await rig.clock.advance(10);
    const lease = await rig.pool.acquire();
    const addEventListener = () => {
      throw new Error('nobody listens to me');
    };
    const signal = { aborted: false, addEventListener, removeEventListener: () => {} } as never;
    const refused = rig.pool.acquire({ signal });
    expect((await rejectionOf(refused)).message).toBe('nobody listens to me');
    expect(rig.pool.snapshot().waiting).toBe(0);
    lease.release();
  });
});

describe('options and signals that throw once a connection was lent for them', () => {
  it('reject that use, and keep no lease', async () => {
    rig = createRig({ size: { min: 1, max: 1 } });
    await rig.clock.advance(10);
    const refuse = () => {
      throw new Error('nobody listens to me');
    };
    const deaf = { aborted: false, addEventListener: refuse, removeEventListener: () => {} };
    let reads = 0;
    const fickle = {
      get deadline() {
        return reads++ === 0 ? 5_000 : refuse();
      },
    };
    const work = () => {
      throw new Error('it ran');
    };
    for (const options of [{ signal: deaf as never }, fickle]) {
      expect((await rejectionOf(rig.pool.use(work, options))).message).toBe('nobody listens to me');
      expect(rig.pool.snapshot().connections).toMatchObject({ idle: 1, leased: 0 });
    }
  });
});

describe('what is to be called back and is no function', () => {
  it('is a fault by name, before a connection is lent for it', async () => {
    rig = createRig({ size: { min: 1, max: 1 } });
    const error = await rejectionOf(rig.pool.use(undefined as never));
    expect([error.code, error.message]).toEqual([
      'INVALID_OPTIONS',
      "Pool 'orders': use: work is undefined, expected a function",
    ]);
    expect(() => rig.pool.on('lease-granted', 5 as never)).toThrow(
      "Pool 'orders': on: listener is 5, expected a function",
    );
  });
});

describe('a release that is called on something else than its lease', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['another object', {}],
    ['a text', 'lease'],
  ])('says so: %s', async (_what, foreign) => {
    rig = createRig({ size: { min: 1, max: 1 } });
    await rig.clock.advance(10);
    const lease = await rig.pool.acquire();
    const { release } = lease;
    expect(() => release.call(foreign as never)).toThrow(InvalidOptionsError);
    expect(() => release.call(foreign as never)).toThrow('expected a lease, as in lease.release()');
    expect(lease.inForce).toBe(true);
    lease.release();
  });
});

describe('a traced pool of bad options', () => {
  it.each<[string, unknown, RegExp]>([
    ['none', undefined, /options is undefined, expected an object/],
    ['no driver', { name: 'orders' }, /driver is undefined, expected an object/],
    [
      'a driver without its methods',
      { name: 'orders', driver: { name: 'x' } },
      /driver\.open is undefined, expected a function/,
    ],
  ])('is refused as an untraced one is: %s', (_what, options, message) => {
    rig = createRig();
    expect(() => createTracedPool(options as never)).toThrow(InvalidOptionsError);
    expect(() => createTracedPool(options as never)).toThrow(message);
  });
});

describe('a flow that took a lease by tryAcquire', () => {
  it('holds it as well as one that it waited for', async () => {
    rig = createRig({ size: { min: 1, max: 1 } });
    await rig.clock.advance(10);
    const kinds: string[] = [];
    const pool = watchNestedAcquires(rig.pool, { report: ({ kind }) => kinds.push(kind), refuse: 'deadlock' });
    await flow(async () => {
      const lease = pool.tryAcquire({ label: 'order' });
      await expect(pool.acquire({ label: 'audit' })).rejects.toMatchObject({ code: 'NESTED_ACQUIRE' });
      lease?.release();
    });
    expect(kinds).toEqual(['deadlock']);
  });
});

describe('whoever makes the pools of a map', () => {
  it('may close the map meanwhile, and the pool that was being made is closed too', async () => {
    rig = createRig();
    const { driver } = rig;
    const made: ReturnType<typeof createPool>[] = [];
    const map = createPoolMap({
      name: 'tenants',
      maxConnections: 4,
      create(_key: string, parts: MappedPoolParts) {
        void map.close();
        const pool = createPool({ ...parts, driver, size: { min: 0, max: 2 } });
        made.push(pool as never);
        return pool;
      },
    });
    await expect(map.use('acme', () => {})).rejects.toThrow(PoolMapClosedError);
    await map.close();
    expect(made.map((pool) => pool.snapshot().state)).toEqual(['closed']);
    expect(map.snapshot()).toMatchObject({ state: 'closed', connections: 0, pools: [] });
  });

  it('may not ask for the key whose pool is being made, so that there is never a second one that nobody closes', async () => {
    rig = createRig();
    const { driver } = rig;
    let inner: Promise<unknown> = Promise.resolve();
    let pools = 0;
    const map = createPoolMap({
      name: 'tenants',
      maxConnections: 4,
      create(key: string, parts: MappedPoolParts) {
        pools++;
        inner = rejectionOf(map.use(key, () => {}));
        return createPool({ ...parts, driver, size: { min: 0, max: 2 }, clock: rig.clock, timers: rig.clock });
      },
    });
    const used = map.use('acme', () => 1);
    await rig.clock.advance(10);
    expect([await used, pools, map.snapshot().pools.length]).toEqual([1, 1, 1]);
    expect(await inner).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: /not to ask for 'acme' while it makes its pool/,
    });
    const closed = map.close();
    await rig.clock.advance(1_000);
    await closed;
  });

  it('is asked once for a key, also where whoever hears of an eviction asks for that key at once', async () => {
    rig = createRig();
    const { driver, clock } = rig;
    const made: string[] = [];
    const map = createPoolMap({
      name: 'tenants',
      maxConnections: 4,
      maxPools: 1,
      create(key: string, parts: MappedPoolParts) {
        made.push(key);
        return createPool({ ...parts, driver, size: { min: 0, max: 2 }, clock, timers: clock });
      },
    });
    let inner: Promise<unknown> = Promise.resolve();
    map.on('pool-evicted', () => {
      inner = map.use('globex', () => 'inner');
    });
    const first = map.use('acme', () => {});
    await clock.advance(10);
    await first;
    const outer = map.use('globex', () => 'outer');
    await clock.advance(10);
    expect([await outer, await inner, made]).toEqual(['outer', 'inner', ['acme', 'globex']]);
    const closed = map.close();
    await clock.advance(1_000);
    expect(await closed).toEqual({ drained: true, culprits: [] });
    expect(map.snapshot().connections).toBe(0);
  });

  it('hears of a bad new bound by its own name', () => {
    rig = createRig();
    const map = createPoolMap({ name: 'tenants', maxConnections: 4, create: () => rig.pool });
    expect(() => map.resize(undefined as never)).toThrow(
      "Pool map 'tenants': resize: options is undefined, expected an object",
    );
    expect(() => map.resize({ max: 3 } as never)).toThrow(
      /resize: max is 3, expected one of the options maxConnections; maxConnections is undefined, expected an integer from 1/,
    );
  });
});
