import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import { describe, expect, it } from 'vitest';
import { createRig } from '../test/rig.ts';
import type { CloseReport } from './closing.ts';
import type { Driver } from './driver.ts';
import { createPool, type Pool } from './pool.ts';

type Part = 'open' | 'check' | 'reset' | 'close' | 'destroy' | 'watch' | 'classify' | 'ref' | 'unref';

const SHORT_MS = 500;

/** A pool whose driver closes it from within one of its own calls, as soon as that is made after `arm()`. */
function createPoolClosedBy(part: Part, answer: () => Promise<void> = async () => {}) {
  const clock = new VirtualClock();
  let [armed, closedAtMs] = [false, Number.NaN];
  let report: Promise<CloseReport> | undefined;
  const called = (which: Part) => {
    if (which !== part || !armed || report !== undefined) return undefined;
    report = pool.close({ timeoutMs: SHORT_MS });
    report.then(() => {
      closedAtMs = clock.now();
    });
    return answer();
  };
  const driver: Driver<object> = {
    name: 'reentrant',
    open: async () => called('open')?.then(() => ({})) ?? {},
    check: async () => called('check'),
    close: async () => called('close'),
    destroy: () => void called('destroy'),
    reset: () => void called('reset'),
    watch: () => {
      called('watch');
      return () => {};
    },
    classify: () => {
      called('classify');
      return part === 'destroy' ? 'connection-lost' : undefined;
    },
    ref: () => void called('ref'),
    unref: () => void called('unref'),
  };
  const options = { size: { min: 1, max: 2 }, validation: { bypassMs: 0 }, closing: { timeoutMs: SHORT_MS } };
  const pool: Pool<object> = createPool({
    name: 'orders',
    driver,
    ...options,
    clock,
    timers: clock,
    random: seededRandom(1),
  });
  return {
    clock,
    pool,
    arm: () => {
      armed = true;
    },
    closedAtMs: () => closedAtMs,
  };
}

describe('a driver that closes the pool from within its own call', () => {
  it.each<Part>(['check', 'reset', 'close', 'destroy', 'watch', 'classify', 'ref', 'unref', 'open'])(
    'leaves nothing behind: %s',
    async (part) => {
      const { clock, pool, arm, closedAtMs } = createPoolClosedBy(part);
      await clock.advance(1);
      arm();
      const leases = [pool.acquire(), pool.acquire()].map((one) => one.catch(() => undefined));
      await clock.advance(10);
      for (const lease of await Promise.all(leases)) lease?.release(new Error('no'));
      pool.recycle();
      // Also parts that are only called when a connection ends are called before long.
      await clock.advance(5_000);
      expect(pool.snapshot()).toMatchObject({ state: 'closed', live: 0 });
      expect(closedAtMs()).toBeGreaterThan(0);
    },
  );

  it('is no longer waited for than any other dial, although it closed the pool while it was being called', async () => {
    const { clock, pool, arm, closedAtMs } = createPoolClosedBy('open', () => new Promise(() => {}));
    await clock.advance(1);
    arm();
    const first = await Promise.all([pool.acquire(), clock.advance(1)]).then(([lease]) => lease);
    const refused = pool.acquire().catch(() => undefined);
    const startedAtMs = clock.now();
    first.release();
    await clock.advance(4_000);
    await refused;
    expect(pool.snapshot()).toMatchObject({ state: 'closed', live: 0 });
    // The dial is given up on one second after it was cut.
    expect(closedAtMs() - startedAtMs).toBeLessThanOrEqual(1_000 + SHORT_MS);
  });
});

describe('a driver that calls the holder who gives a lease back with an error', () => {
  it('ends the lease with the first of the two releases, and tells of the second', async () => {
    let release = () => {};
    const classify = () => {
      release();
      return 'connection-lost' as const;
    };
    const { pool, clock, driver } = createRig({ size: { min: 1, max: 1 } });
    Object.assign(driver, { classify });
    const told: string[] = [];
    pool.on('lease-released', () => void told.push('released'));
    pool.on('double-release', () => void told.push('released again'));
    const [lease] = await Promise.all([pool.acquire(), clock.advance(5)]);
    const next = [pool.acquire(), pool.acquire()];
    release = () => lease.release();
    lease.release(new Error('the line is dead'));
    release = () => {};
    expect(told).toEqual(['released again', 'released']);
    await clock.advance(5);
    for (const one of next) {
      const other = await one;
      expect(other.connection.state).toBe('open');
      other.release();
    }
    expect(pool.snapshot().connections).toMatchObject({ idle: 1, leased: 0 });
  });
});
