import { isRefusal } from '@cryo/resilience';
import { describe, expect, it } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';
import { AcquireShedError } from './errors.ts';
import type { Lease } from './lease.ts';
import type { PoolOptions } from './options.ts';
import type { AcquireOptions } from './request.ts';
import type { SimulatedConnection } from './testing/ground-truth.ts';

const SHEDDING = { targetMs: 10, intervalMs: 40, limitMs: 20 };

type Answer = { readonly name: string; readonly lease?: Lease<SimulatedConnection>; readonly error?: unknown };

/** A pool of one connection, which somebody holds, and a book of who was answered what, in order. */
class Counter {
  readonly rig: Rig;
  readonly answers: Answer[] = [];
  readonly events: object[] = [];

  constructor(options: Omit<Partial<PoolOptions<SimulatedConnection>>, 'driver'> = {}) {
    this.rig = createRig({ size: { min: 1, max: 1 }, acquire: { timeoutMs: 500 }, shedding: SHEDDING, ...options });
    const { pool } = this.rig;
    pool.on('shedding-began', (event) => this.events.push({ event: 'began', ...event }));
    pool.on('shedding-ended', (event) => this.events.push({ event: 'ended', ...event }));
  }

  async hold(): Promise<Lease<SimulatedConnection>> {
    await this.rig.clock.advance(5);
    return this.rig.pool.acquire();
  }

  ask(name: string, options?: AcquireOptions): void {
    this.rig.pool.acquire(options).then(
      (lease) => this.answers.push({ name, lease }),
      (error) => this.answers.push({ name, error }),
    );
  }

  get codes(): string[] {
    return this.answers.map(
      ({ name, error }) => `${name} ${error instanceof Error ? Reflect.get(error, 'code') : 'served'}`,
    );
  }
}

/** Two wait from 5 ms on, and at 55 ms the pool sheds. */
async function overloaded(options: ConstructorParameters<typeof Counter>[0] = {}) {
  const counter = new Counter(options);
  const held = await counter.hold();
  counter.ask('first');
  counter.ask('second');
  await counter.rig.clock.advance(35);
  counter.ask('third');
  await counter.rig.clock.advance(15);
  return { ...counter.rig, counter, held };
}

describe('a pool that sheds', () => {
  it('refuses who has waited for the limit, early and with everything a caller needs, and serves the newest', async () => {
    const { counter, held, clock, pool } = await overloaded();
    expect(counter.codes).toEqual(['first ACQUIRE_SHED', 'second ACQUIRE_SHED']);
    counter.ask('fourth');
    held.release();
    await clock.advance(0);
    expect(counter.codes.at(-1)).toBe('fourth served');
    const error = counter.answers[0]?.error as AcquireShedError;
    expect(error).toBeInstanceOf(AcquireShedError);
    expect(error).toMatchObject({
      name: 'AcquireShedError',
      pool: 'orders',
      waitedMs: 50,
      retryAfterMs: 10,
      policy: 'pool',
    });
    expect(isRefusal(error)).toBe(true);
    expect(error.message).toBe(
      "Pool 'orders': overloaded, shed after 50 ms (1 of 1 connections live: 1 leased, 0 idle, 0 dialing, 2 waiting, " +
        'longest lease 50 ms); next attempt in 10 ms',
    );
    expect(error.snapshot).toMatchObject({ waiting: 2, sheddingSinceMs: 55 });
    expect(pool.snapshot().sheddingSinceMs).toBe(55);
  });

  it('tells when to ask again by how long leases lasted lately, and how many wait for how many', async () => {
    const counter = new Counter();
    const lease = await counter.hold();
    await counter.rig.clock.advance(80);
    lease.release();
    await counter.rig.pool.acquire();
    for (const name of ['first', 'second', 'third']) counter.ask(name);
    await counter.rig.clock.advance(60);
    const waits = counter.answers.map(({ error }) => (error as AcquireShedError).retryAfterMs);
    expect(waits).toEqual([2 * 80, 1 * 80, 10]);
  });

  it('goes back to order of arrival as soon as the wait is short, and tells both', async () => {
    const { counter, held, clock, pool } = await overloaded();
    held.release();
    await clock.advance(1);
    expect(pool.snapshot().sheddingSinceMs).toBeUndefined();
    expect(counter.events).toEqual([
      { event: 'began', priority: 'normal', waiting: 3, oldestWaitMs: 50 },
      { event: 'ended', priority: 'normal', lastedMs: 0 },
    ]);
    counter.ask('fourth');
    counter.ask('fifth');
    counter.answers.at(-1)?.lease?.release();
    await clock.advance(1);
    expect(counter.codes.slice(2)).toEqual(['third served', 'fourth served']);
  });

  it('counts who was shed by reason, and how often it came to that', async () => {
    const { pool } = await overloaded();
    const read = (name: string, reason?: string) =>
      pool.metrics.read().metrics.find((one) => one.name === name && one.labels.reason === reason);
    expect(read('cryo_pool_refusals_total', 'shed')).toMatchObject({ value: 2 });
    expect(read('cryo_pool_shedding_periods_total')).toMatchObject({ value: 1 });
    expect(read('cryo_pool_shedding')).toMatchObject({ value: 1 });
  });

  it('is degraded, not down, while it sheds', async () => {
    const { counter, clock, pool } = await overloaded();
    for (let elapsedMs = 0; elapsedMs < 200; elapsedMs += 5) {
      counter.ask('more');
      await clock.advance(5);
    }
    expect(pool.snapshot().sheddingSinceMs).toBe(105);
    expect(pool.health()).toMatchObject({ status: 'degraded' });
    expect(pool.health().reasons.map(({ code }) => code)).toContain('shedding');
  });

  it('keeps deadlines, aborts and the limit of the queue as they are', async () => {
    const { counter, clock, pool } = await overloaded({ acquire: { timeoutMs: 500, queueLimit: 4 } });
    const abort = new AbortController();
    counter.ask('impatient', { timeoutMs: 3 });
    counter.ask('leaving', { signal: abort.signal });
    counter.ask('patient');
    expect(await rejectionOf(pool.acquire())).toMatchObject({ code: 'QUEUE_FULL' });
    abort.abort();
    await clock.advance(3);
    expect(counter.codes.slice(2)).toEqual(['leaving ACQUIRE_ABORTED', 'impatient ACQUIRE_TIMEOUT']);
    expect(pool.snapshot().waiting).toBe(2);
  });

  it('judges each priority class by itself, and still serves the higher one first', async () => {
    const counter = new Counter();
    const held = await counter.hold();
    for (const name of ['low 1', 'low 2']) counter.ask(name, { priority: 'low' });
    await counter.rig.clock.advance(49);
    for (const name of ['low 3', 'low 4']) counter.ask(name, { priority: 'low' });
    for (const name of ['high 1', 'high 2']) counter.ask(name, { priority: 'high' });
    await counter.rig.clock.advance(1);
    expect(counter.events).toMatchObject([{ event: 'began', priority: 'low' }, { event: 'ended' }]);
    expect(counter.codes).toEqual(['low 1 ACQUIRE_SHED', 'low 2 ACQUIRE_SHED']);
    held.release();
    for (let served = 2; served < 6; served++) {
      await counter.rig.clock.advance(0);
      counter.answers[served]?.lease?.release();
    }
    expect(counter.codes.slice(2)).toEqual(['high 1 served', 'high 2 served', 'low 3 served', 'low 4 served']);
  });

  it('holds requests through a suspension, however long, and counts their wait from the end of it', async () => {
    const counter = new Counter();
    const held = await counter.hold();
    counter.ask('first');
    const { pool, clock } = counter.rig;
    pool.suspend();
    await clock.advance(300);
    expect(counter.events).toEqual([]);
    pool.resume();
    await clock.advance(49);
    expect(counter.events).toEqual([]);
    held.release();
    await clock.advance(1);
    expect(counter.codes).toEqual(['first served']);
  });

  it('sheds nobody while it is suspended, even if it was shedding before', async () => {
    const { counter, clock, pool } = await overloaded();
    expect(pool.snapshot().sheddingSinceMs).toBe(55);
    pool.suspend();
    expect(pool.snapshot().sheddingSinceMs).toBeUndefined();
    await clock.advance(300);
    expect(counter.codes).toEqual(['first ACQUIRE_SHED', 'second ACQUIRE_SHED']);
  });

  it('gives everybody the grace after a thaw', async () => {
    const counter = new Counter({ acquire: { timeoutMs: 2_000 } });
    await counter.hold();
    counter.ask('first');
    const { clock, pool } = counter.rig;
    await clock.advance(30);
    clock.freeze(60_000);
    await clock.advance(20); // a look at who waits finds it
    const sinceMs = clock.now();
    expect(pool.snapshot().waiting).toBe(1);
    await clock.advance(1_049);
    expect(counter.codes).toEqual([]);
    await clock.advance(1);
    expect(counter.codes).toEqual(['first ACQUIRE_SHED']);
    expect(counter.answers[0]?.error).toMatchObject({ waitedMs: clock.now() - 5 });
    expect(clock.now() - sinceMs).toBe(1_050);
  });

  it('does not take a blocked event loop for overload', async () => {
    const counter = new Counter();
    const held = await counter.hold();
    for (const name of ['first', 'second']) counter.ask(name);
    const { clock } = counter.rig;
    await clock.advance(20);
    clock.stall(200);
    await clock.advance(39);
    expect(counter.events).toEqual([]);
    held.release();
    await clock.advance(0);
    counter.answers[0]?.lease?.release();
    await clock.advance(0);
    expect(counter.codes).toEqual(['first served', 'second served']);
  });

  it('looks at a class in time that joins while another has its turn to be looked at later', async () => {
    const counter = new Counter({ shedding: { ...SHEDDING, limitMs: 400 } });
    await counter.hold();
    for (const name of ['first', 'second']) counter.ask(name);
    await counter.rig.clock.advance(95);
    for (const name of ['third', 'fourth']) counter.ask(name, { priority: 'high' });
    await counter.rig.clock.advance(50);
    expect(counter.events).toMatchObject([
      { priority: 'normal', oldestWaitMs: 50 },
      { priority: 'high', waiting: 2, oldestWaitMs: 145 },
    ]);
  });

  it('opens a connection where there is room, though nobody waits for as long as dials take', async () => {
    const counter = new Counter({
      size: { min: 1, max: 2 },
      behaviour: { open: { latencyMs: [9_000, 9_000] } },
    } as object);
    const { clock, pool, server } = counter.rig;
    await clock.advance(9_000);
    server.behaviour = {};
    for (let index = 0; index < 20; index++) {
      const lease = await pool.acquire();
      await clock.advance(1);
      lease.release();
    }
    await pool.acquire();
    for (const name of ['first', 'second']) {
      counter.ask(name);
      await clock.advance(60);
    }
    expect(counter.codes).toEqual(['first ACQUIRE_SHED', 'second served']);
  });

  it('tells the waiters of its end as every pool does, and is not shedding afterwards', async () => {
    const { counter, clock, pool } = await overloaded();
    for (let elapsedMs = 0; elapsedMs < 100; elapsedMs += 5) {
      counter.ask('more');
      await clock.advance(5);
    }
    expect(pool.snapshot().sheddingSinceMs).toBeDefined();
    const closed = pool.close({ timeoutMs: 10 });
    expect(pool.snapshot().waiting).toBe(0);
    await clock.advance(2_000);
    await closed;
    expect(counter.codes.at(-1)).toBe('more POOL_CLOSED');
    expect(pool.snapshot().sheddingSinceMs).toBeUndefined();
    expect(clock.pending()).toBe(0);
  });

  it('says what the last dial failed with, secrets masked', async () => {
    const counter = new Counter({
      size: { min: 0, max: 1 },
      breaker: false,
      behaviour: { open: { faults: { fail: 1 } } },
      prepare: (server: Rig['server']) => server.become({ kind: 'refusing' }),
    } as object);
    counter.ask('first');
    await counter.rig.clock.advance(60);
    const [answer] = counter.answers;
    expect(answer?.error).toMatchObject({
      code: 'ACQUIRE_SHED',
      cause: { message: expect.stringContaining('refused') },
    });
  });

  it('warns its logger when it begins, and says when it is over', async () => {
    const lines: string[] = [];
    const logger = {
      info: (_entry: object, line: string) => lines.push(`info ${line}`),
      warn: (_entry: object, line: string) => lines.push(`warn ${line}`),
    };
    const { held, clock } = await overloaded({ logger });
    held.release();
    await clock.advance(1);
    expect(lines).toEqual([
      "warn Pool 'orders': overloaded: 3 requests of priority normal wait, the oldest for 50 ms; the newest are served first",
      "info Pool 'orders': the overload is over after 0 ms",
    ]);
  });
});

describe('a pool that was not told to shed', () => {
  it('serves in order of arrival and refuses nobody before the deadline, whatever comes', async () => {
    const { counter, held, clock, pool } = await overloaded({ shedding: false });
    await clock.advance(400);
    held.release();
    await clock.advance(0);
    expect(counter.codes).toEqual(['first served']);
    expect(pool.snapshot().sheddingSinceMs).toBeUndefined();
  });
});
