import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostileConnection, hostileDriver, strangeError } from '../test/hostile-driver.ts';
import type { CloseReport } from './closing.ts';
import type { Lease } from './lease.ts';
import { createPool, type Pool } from './pool.ts';

const EVENTS = ['lease-granted', 'lease-released', 'connection-opened', 'connection-closed', 'dial-failed'] as const;
const MORE_EVENTS = ['check-failed', 'connection-error', 'request-refused', 'breaker-changed', 'resized'] as const;
/** One after the other: leases, what is being reset, the goodbye of what that leaves, and its abandoning. */
const LONGEST_CLOSE_MS = 500 + 600 + 1_000 + 100;

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

/** One day: callers, a driver and listeners that do whatever they like, until all of them calm down. */
class Day {
  readonly clock = new VirtualClock();
  readonly pool: Pool<HostileConnection>;
  readonly #random;
  readonly #leases = new Set<Lease<HostileConnection>>();
  pending = 0;
  tame = false;
  closing: Promise<CloseReport> | undefined;
  closeTookMs = 0;
  #depth = 0;

  constructor(seed: number) {
    const { clock } = this;
    const random = seededRandom(seed);
    this.#random = random;
    // On every other day somebody closes the pool before long, from wherever they are called.
    const closeShare = seed % 2 === 0 ? 0.5 : 0.02;
    let pool: Pool<HostileConnection> | undefined;
    const meddle = () => {
      if (pool !== undefined && !this.tame && this.#depth < 3 && random() < 0.1) this.doSomething(closeShare);
    };
    const max = 1 + Math.floor(random() * 4);
    pool = createPool({
      name: 'orders',
      driver: hostileDriver({ clock, random, meddle, isTame: () => this.tame }),
      size: { min: Math.floor(random() * (max + 1)), max },
      connect: { timeoutMs: this.#pick([1_000, 6_000]), concurrency: 2 },
      breaker: this.#pick([false, { threshold: 3 }]),
      validation: { timeoutMs: this.#pick([800, 5_000]), bypassMs: this.#pick([0, 5, 500]), intervalMs: 1_000 },
      reset: { timeoutMs: this.#pick([700, 5_000]) },
      closing: { timeoutMs: 600 },
      leak: { warnAfterMs: 1_000, reclaimAfterMs: this.#pick([Number.POSITIVE_INFINITY, 2_000]) },
      retirement: { maxLifetimeMs: this.#pick([Number.POSITIVE_INFINITY, 3_000]), maxUses: this.#pick([3, 1_000]) },
      logger: { info: meddle, warn: meddle },
      ...{ clock, timers: clock, random },
    });
    this.pool = pool;
    for (const event of [...EVENTS, ...MORE_EVENTS]) {
      pool.on(event, () => {
        meddle();
        if (!this.tame && random() < 0.05) throw strangeError(random);
      });
    }
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  /** Anything that a caller may do. */
  doSomething(closeShare: number): void {
    this.#depth++;
    const { pool } = this;
    const max = 1 + Math.floor(this.#random() * 5);
    const ways: (() => void)[] = [
      ...Array.from({ length: 3 }, () => () => this.#acquire()),
      ...Array.from({ length: 3 }, () => () => this.#release()),
      ...Array.from({ length: 2 }, () => () => this.#use()),
      () => pool.resize({ min: Math.floor(this.#random() * (max + 1)), max }),
      () => pool.recycle(),
      () => pool.suspend(),
      () => pool.resume(),
      () => this.#follow(pool.ready({ timeoutMs: 100 + this.#random() * 2_000 })),
      () => void [pool.snapshot(), pool.health(), pool.metrics.read()],
      () => this.#random() < closeShare && this.close(),
    ];
    this.#pick(ways)();
    this.#depth--;
  }

  #follow(answer: Promise<unknown>): void {
    this.pending++;
    const settled = () => void this.pending--;
    answer.then(settled, settled);
  }

  #acquire(): void {
    const { pool } = this;
    const lease = this.#random() < 0.3 ? pool.tryAcquire() : undefined;
    if (lease !== undefined) this.#keep(lease);
    else this.#follow(pool.acquire({ timeoutMs: 1 + this.#random() * 3_000 }).then((granted) => this.#keep(granted)));
  }

  #keep(lease: Lease<HostileConnection>): void {
    const { connection } = lease;
    for (const other of this.#leases) {
      if (other.inForce) expect(other.connection, 'a connection is in one lease at most').not.toBe(connection);
    }
    this.#leases.add(lease);
  }

  #release(): void {
    const lease = this.#pick([...this.#leases]);
    this.#leases.delete(lease);
    lease?.release(this.#random() < 0.3 ? strangeError(this.#random) : undefined);
  }

  #use(): void {
    const work = async () => {
      await new Promise<void>((resolve) => void this.clock.set(this.#random() * 50, resolve, { background: false }));
      if (this.#random() < 0.2) throw strangeError(this.#random);
    };
    this.#follow(this.pool.use(work, { timeoutMs: 1 + this.#random() * 3_000 }));
  }

  close(): Promise<CloseReport> {
    const startedAtMs = this.clock.now();
    this.closing ??= this.pool.close({ timeoutMs: 500 }).finally(() => {
      this.closeTookMs = this.clock.now() - startedAtMs;
    });
    return this.closing;
  }

  async pass(): Promise<void> {
    this.doSomething(0.01);
    await this.clock.advance(this.#random() * (this.#random() < 0.1 ? 2_000 : 30));
  }

  /** Everybody keeps to the rules, and gives back what they hold. */
  async calmDown(): Promise<void> {
    this.tame = true;
    this.pool.resume();
    for (let round = 0; round < 3; round++) {
      for (const lease of this.#leases) lease.release();
      this.#leases.clear();
      await this.clock.advance(20_000);
    }
  }
}

/** What a day did that a pool must not do. */
async function live(seed: number): Promise<void> {
  const day = new Day(seed);
  for (let step = 0; step < 100; step++) {
    await day.pass();
    const { live, connections } = day.pool.snapshot();
    expect(Object.values(connections).reduce((sum, count) => sum + count, 0)).toBe(live);
  }
  await day.calmDown();
  const { state, abandoned, size } = day.pool.snapshot();
  if (state === 'open' && abandoned < size.max) {
    const lease = day.pool.acquire({ timeoutMs: 15_000 });
    await Promise.all([lease, day.clock.advance(20_000)]);
    (await lease).release();
  }
  await Promise.all([day.close(), day.clock.advance(20_000)]);
  expect(day.pool.snapshot()).toMatchObject({ state: 'closed', live: 0, waiting: 0 });
  expect(day.closeTookMs).toBeLessThanOrEqual(LONGEST_CLOSE_MS);
  expect(day.pending).toBe(0);
}

describe('a driver that breaks every rule at once, with callers and listeners that meddle from within', () => {
  it('costs no slot, no waiter and no process', async () => {
    for (let seed = 1; seed <= 150; seed++) {
      try {
        await live(seed);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});
