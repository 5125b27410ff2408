import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BulkheadOptions, bulkhead } from './bulkhead.ts';
import { AbortedError, DeadlineExceededError, InvalidOptionsError, isRefusal } from './errors.ts';
import { Registry } from './metrics/registry.ts';
import { compose } from './policy.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

/** Work that begins when it is let in and ends when the test says so. */
class Jobs {
  readonly begun: number[] = [];
  readonly ended: string[] = [];
  readonly #finish = new Map<number, () => void>();

  work(job: number) {
    return () => {
      this.begun.push(job);
      return new Promise<void>((resolve) => this.#finish.set(job, resolve));
    };
  }

  finish(job: number): void {
    this.#finish.get(job)?.();
    this.#finish.delete(job);
  }

  note(job: number, call: Promise<unknown>): void {
    call.then(
      () => this.ended.push(`${job} done`),
      (error) => this.ended.push(`${job} ${error.code}`),
    );
  }

  get inside(): number[] {
    return [...this.#finish.keys()];
  }
}

function setUp(options: Partial<BulkheadOptions> = {}) {
  const clock = new VirtualClock();
  const jobs = new Jobs();
  const walls = bulkhead({ limit: 1, queueLimit: 2, clock, timers: clock, ...options });
  const start = (job: number, more?: Parameters<typeof walls.execute>[1]) =>
    jobs.note(job, walls.execute(jobs.work(job), more));
  return { clock, jobs, walls, start };
}

describe('places', () => {
  it('are given up to the limit; whoever comes then waits, and beyond the line is refused', async () => {
    const { clock, jobs, walls, start } = setUp();
    for (const job of [1, 2, 3, 4]) start(job);
    await clock.settle();
    expect([jobs.begun, jobs.ended, walls.running, walls.waiting]).toEqual([[1], ['4 BULKHEAD_FULL'], 1, 2]);
  });

  it('are not waited for unless that is asked for', async () => {
    const walls = bulkhead({ limit: 1, name: 'database' });
    void walls.execute(() => new Promise(() => {}));
    const error = await walls.execute(() => 1).catch((refusal: unknown) => refusal);
    expect(isRefusal(error)).toBe(true);
    expect(error).toMatchObject({ code: 'BULKHEAD_FULL', policy: 'bulkhead', retryAfterMs: undefined });
    expect(error).toHaveProperty('message', "Bulkhead 'database' is full: 1 calls run and 0 wait");
    expect(error).toHaveProperty('stack', `RefusedError: Bulkhead 'database' is full: 1 calls run and 0 wait`);
  });

  it('go to those who wait in the order in which they came', async () => {
    const { clock, jobs, start } = setUp();
    for (const job of [1, 2, 3]) start(job);
    for (const job of [1, 2, 3]) {
      jobs.finish(job);
      await clock.settle();
    }
    expect([jobs.begun, jobs.ended]).toEqual([
      [1, 2, 3],
      ['1 done', '2 done', '3 done'],
    ]);
  });

  it('are given back however work ends', async () => {
    const { walls } = setUp();
    const ways = [() => 1, () => Promise.reject(new Error('no')), () => JSON.parse('{')];
    for (const work of ways) await walls.execute(work).catch(() => {});
    expect(walls.running).toBe(0);
  });

  it('are not taken by what is no work', async () => {
    const { walls } = setUp();
    await expect(walls.execute(5 as never)).rejects.toBeInstanceOf(InvalidOptionsError);
    expect(walls.running).toBe(0);
  });

  it('cannot be taken by a newcomer in the moment between two calls, nor does it push anybody out of the line', async () => {
    const { clock, jobs, walls, start } = setUp({ limit: 1, queueLimit: 1 });
    const first = walls.execute(() => new Promise<void>((resolve) => setImmediate(resolve)));
    start(2);
    for (let turn = 0; turn < 12; turn++) first.then(() => later(turn, () => start(10 + turn)));
    await first;
    for (let turn = 0; turn < 30; turn++) await null;
    expect(jobs.begun).toEqual([2]);
    expect(jobs.ended).not.toContain('2 BULKHEAD_FULL');
    await clock.settle();
    expect(jobs.ended.filter((line) => line.endsWith('BULKHEAD_FULL'))).toHaveLength(11);
  });

  it('stay taken for as long as work really runs, also when a timeout has freed its caller', async () => {
    const { clock, jobs, walls } = setUp();
    jobs.note(1, compose(timeout({ ms: 50, clock, timers: clock }), walls).execute(jobs.work(1)));
    await clock.advance(50);
    expect([jobs.ended, walls.running]).toEqual([['1 DEADLINE_EXCEEDED'], 1]);
    jobs.finish(1);
    await clock.settle();
    expect(walls.running).toBe(0);
  });
});

describe('waiting', () => {
  it('ends at once when the caller aborts, and the place in the line is free', async () => {
    const { clock, jobs, walls, start } = setUp();
    const controller = new AbortController();
    start(1);
    const call = walls.execute(jobs.work(2), { signal: controller.signal });
    start(3);
    controller.abort('enough');
    expect(walls.waiting).toBe(1);
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await expect(call).rejects.toBeInstanceOf(AbortedError);
    start(4);
    for (const job of [1, 3, 4]) {
      jobs.finish(job);
      await clock.settle();
    }
    expect(jobs.begun).toEqual([1, 3, 4]);
  });

  it('ends at the deadline of the call, and no timer is left', async () => {
    const { clock, jobs, walls, start } = setUp();
    start(1);
    start(2, { deadline: 80 });
    await clock.advance(79);
    expect([jobs.ended, walls.waiting]).toEqual([[], 1]);
    await clock.advance(1);
    expect([jobs.ended, walls.waiting, clock.pending()]).toEqual([['2 DEADLINE_EXCEEDED'], 0, 0]);
  });

  it('ends when a timeout around it does', async () => {
    const { clock, jobs, walls, start } = setUp();
    start(1);
    jobs.note(2, compose(timeout({ ms: 50, clock, timers: clock }), walls).execute(jobs.work(2)));
    await clock.advance(50);
    expect([jobs.ended, walls.waiting]).toEqual([['2 DEADLINE_EXCEEDED'], 0]);
    jobs.finish(1);
    await clock.settle();
    expect([jobs.begun, walls.running]).toEqual([[1], 0]);
  });

  it('does not begin for a call whose deadline has passed', async () => {
    const { clock, walls } = setUp();
    clock.stall(100);
    await expect(walls.execute(() => 1, { deadline: 100 })).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(walls.running).toBe(0);
  });

  it('that ends in an abort, at whatever moment of the handing over, never loses the place', async () => {
    const moments = Array.from({ length: 8 }, (_, turns) => turns);
    for (const turns of moments) {
      const { clock, jobs, walls, start } = setUp();
      const controller = new AbortController();
      for (const job of [1, 2, 3]) start(job, { signal: job === 2 ? controller.signal : undefined });
      jobs.finish(1);
      later(turns, () => controller.abort());
      for (const job of [2, 3]) {
        await clock.settle();
        jobs.finish(job);
      }
      await clock.settle();
      expect([walls.running, walls.waiting]).toEqual([0, 0]);
      expect(jobs.ended).toContain('3 done');
    }
  });

  it('leaves no listener behind', async () => {
    const { clock, jobs, start } = setUp();
    const { signal } = new AbortController();
    start(1);
    start(2, { signal });
    start(3, { signal, deadline: 10 });
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    await clock.advance(10);
    jobs.finish(1);
    await clock.settle();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('of a hundred thousand costs each no more than a step', async () => {
    const { clock, walls } = setUp({ queueLimit: Infinity });
    let sum = 0;
    const calls = Array.from({ length: 100_000 }, () => walls.execute(() => sum++));
    await Promise.all(calls);
    await clock.settle();
    expect([sum, walls.running, walls.waiting]).toEqual([100_000, 0, 0]);
  });
});

describe('whatever happens', () => {
  const act = fc.oneof(
    { weight: 4, arbitrary: fc.constant('start' as const) },
    { weight: 1, arbitrary: fc.constant('start with deadline' as const) },
    { weight: 3, arbitrary: fc.constant('finish' as const) },
    { weight: 2, arbitrary: fc.constant('abort' as const) },
    { weight: 1, arbitrary: fc.constant('pass time' as const) },
  );
  const story = fc.array(fc.tuple(act, fc.nat(20), fc.boolean()), { maxLength: 60, size: 'large' });

  it('no more than the limit run, places are conserved, nobody accepted is refused, and the order is kept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 4 }), story, expectOrder),
      { numRuns: 200 },
    );
  });
});

type Story = (readonly [string, number, boolean])[];

async function expectOrder(limit: number, queueLimit: number, story: Story): Promise<void> {
  const { clock, jobs, walls, start } = setUp({ limit, queueLimit });
  const controllers: AbortController[] = [];
  const accepted: number[] = [];
  const mayExpire = new Set<number>();
  for (const [act, pick, waits] of story) {
    if (act === 'abort') controllers[pick % controllers.length]?.abort();
    if (act === 'finish') jobs.finish(jobs.inside[pick % Math.max(1, jobs.inside.length)] ?? -1);
    if (act === 'pass time') await clock.advance(pick);
    if (act.startsWith('start')) {
      const controller = new AbortController();
      const job = controllers.push(controller) - 1;
      if (walls.running < limit || walls.waiting < queueLimit) accepted.push(job);
      const deadline = act === 'start' ? Infinity : clock.now() + pick + 1;
      if (deadline !== Infinity) mayExpire.add(job);
      start(job, { signal: controller.signal, deadline });
    }
    if (waits) await clock.settle();
    expect(Math.max(jobs.inside.length, walls.running)).toBeLessThanOrEqual(limit);
    expect(walls.waiting).toBeLessThanOrEqual(queueLimit);
    expect(walls.running === limit || walls.waiting === 0).toBe(true);
  }
  for (let rest = controllers.length; rest > 0 && jobs.ended.length < controllers.length; rest--) {
    await clock.settle();
    for (const job of jobs.inside) jobs.finish(job);
    await clock.settle();
  }
  expect([walls.running, walls.waiting]).toEqual([0, 0]);
  expect(jobs.ended).toHaveLength(controllers.length);
  expect(jobs.begun).toEqual(jobs.begun.toSorted((one, other) => one - other));
  for (const job of accepted) {
    const endings = [`${job} done`];
    if (controllers[job]?.signal.aborted) endings.push(`${job} ABORTED`);
    if (mayExpire.has(job)) endings.push(`${job} DEADLINE_EXCEEDED`);
    expect(jobs.ended.filter((line) => endings.includes(line))).toHaveLength(1);
  }
}

describe('what a bulkhead counts', () => {
  it('is who came in, waited, was refused and gave up, and how many there are now', async () => {
    const clock = new VirtualClock();
    const registry = new Registry({ clock });
    const { start } = setUp({ registry, name: 'database', clock, timers: clock });
    for (const job of [1, 2, 3, 4]) start(job, { deadline: job === 3 ? 10 : Infinity });
    await clock.advance(10);
    const readings = registry
      .read()
      .metrics.map((metric) => [
        ...[metric.name, ...Object.values(metric.labels)],
        metric.kind === 'histogram' ? undefined : metric.value,
      ]);
    expect(readings).toEqual([
      ['cryo_bulkhead_calls_total', 'database', 'admitted', 1],
      ['cryo_bulkhead_calls_total', 'database', 'refused', 1],
      ['cryo_bulkhead_calls_total', 'database', 'gave-up', 1],
      ['cryo_bulkhead_calls_total', 'database', 'out-of-time', 0],
      ['cryo_bulkhead_queued_total', 'database', 2],
      ['cryo_bulkhead_running_calls', 'database', 1],
      ['cryo_bulkhead_waiting_calls', 'database', 1],
    ]);
  });
});

describe('options', () => {
  it('are refused with all faults at once', () => {
    const wrong = { limit: 0, queueLimit: -1, queue: 5 } as BulkheadOptions;
    expect(() => bulkhead(wrong)).toThrow(InvalidOptionsError);
    expect(() => bulkhead(wrong)).toThrow(/queue is 5.*limit is 0, .*queueLimit is -1/);
    for (const limit of [1.5, Number.NaN, '2']) {
      expect(() => bulkhead({ limit: limit as number })).toThrow('an integer of at least 1 calls, or Infinity');
    }
  });
});

function later(turns: number, run: () => void): void {
  if (turns === 0) run();
  else queueMicrotask(() => later(turns - 1, run));
}

describe('places that become free', () => {
  it('go to the call that waits, at whatever moment after the end of the work a newcomer asks', async () => {
    for (const under of [undefined, { deadline: Infinity }]) {
      for (let turns = 0; turns <= 40; turns++) {
        const { clock, jobs, start } = setUp();
        start(1, under);
        start(2);
        await clock.settle();
        jobs.finish(1);
        later(turns, () => start(3));
        await clock.settle();
        expect([turns, jobs.begun]).toEqual([turns, [1, 2]]);
      }
    }
  });
});
