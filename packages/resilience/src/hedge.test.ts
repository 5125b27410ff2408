import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import type { PolicyContext, Work } from './call.ts';
import { AbortedError, DeadlineExceededError, InvalidOptionsError, RetriesExhaustedError } from './errors.ts';
import { type HedgeOptions, hedge } from './hedge.ts';
import { Registry } from './metrics/registry.ts';
import { compose } from './policy.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

/** Tries that take so long each, in ms, and then succeed with their number, or fail when the time is negative. */
function setUp(durations: readonly number[], options: Partial<HedgeOptions> = {}) {
  const clock = new VirtualClock();
  const delay = options.quantile === undefined ? { delayMs: 100 } : {};
  const hedged = hedge({ ...delay, clock, timers: clock, ...options });
  const contexts: PolicyContext[] = [];
  const begun: number[] = [];
  const work: Work<number> = async (context) => {
    const durationMs = durations[context.attempt] ?? Infinity;
    contexts.push(context);
    begun.push(clock.now());
    await sleep(Math.abs(durationMs), clock, undefined);
    if (durationMs < 0) throw new Error(`try ${context.attempt}`);
    return context.attempt;
  };
  return { clock, hedged, contexts, begun, work };
}

describe('a hedge', () => {
  it('begins no second try while the first is fast, and leaves no timer', async () => {
    const { clock, hedged, begun, work } = setUp([99]);
    const call = hedged.execute(work);
    await clock.advance(250);
    await expect(call).resolves.toBe(0);
    expect([begun, clock.pending()]).toEqual([[0], 0]);
  });

  it('begins one when the first is slow; the first result wins, and the loser sees its signal abort', async () => {
    const { clock, hedged, contexts, begun, work } = setUp([500, 50]);
    const call = hedged.execute((context) => {
      void context.signal;
      return work(context);
    });
    await clock.advance(150);
    await expect(call).resolves.toBe(1);
    expect(begun).toEqual([0, 100]);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(contexts[0]?.signal.reason).toBeInstanceOf(AbortedError);
    await clock.advance(1000);
  });

  it('lets the first win although another has begun', async () => {
    const { clock, hedged, contexts, work } = setUp([150, 500]);
    const call = hedged.execute(work);
    await clock.advance(150);
    await expect(call).resolves.toBe(0);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, true]);
  });

  it('never begins more tries than it was told', async () => {
    const { clock, hedged, begun, work } = setUp([], { attempts: 3 });
    void hedged.execute(work);
    await clock.advance(10_000);
    expect(begun).toEqual([0, 100, 200]);
  });

  it('waits for the others when one fails, and keeps what each failed with when all do', async () => {
    const { clock, hedged, work } = setUp([-150, 100]);
    const call = hedged.execute(work);
    await clock.advance(200);
    await expect(call).resolves.toBe(1);
    const failing = setUp([-150, -100]);
    const failed = failing.hedged.execute(failing.work).catch((error: unknown) => error);
    await failing.clock.advance(200);
    const error = await failed;
    expect(error).toBeInstanceOf(RetriesExhaustedError);
    expect(error).toMatchObject({
      attempts: [{ message: 'try 0' }, { message: 'try 1' }],
      cause: { message: 'try 1' },
    });
  });

  it('leaves an early error to a retry', async () => {
    const { clock, hedged, begun, work } = setUp([-50, 1]);
    const call = hedged.execute(work).catch((error: unknown) => error);
    await clock.advance(500);
    await expect(call).resolves.toHaveProperty('message', 'try 0');
    expect([begun, clock.pending()]).toEqual([[0], 0]);
  });

  it('drops the late outcomes of losers, errors too', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const { clock, hedged, work } = setUp([-500, 50]);
    const call = hedged.execute(work);
    await clock.advance(1000);
    await expect(call).resolves.toBe(1);
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });
});

describe('a hedge and its caller', () => {
  it('begins nothing once the caller has aborted, and every try sees it', async () => {
    const { clock, hedged, contexts, begun, work } = setUp([500]);
    const controller = new AbortController();
    const call = hedged.execute(work, { signal: controller.signal });
    void contexts[0]?.signal;
    controller.abort('enough');
    expect(contexts[0]?.signal.reason).toBe('enough');
    await clock.advance(500);
    await expect(call).resolves.toBe(0);
    expect(begun).toEqual([0]);
    await expect(hedged.execute(work, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('begins nothing that could not end by the deadline', async () => {
    const { clock, hedged, begun, work } = setUp([500]);
    void hedged.execute(work, { deadline: 100 });
    await clock.advance(200);
    expect(begun).toEqual([0]);
    await expect(hedged.execute(work, { deadline: 200 })).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(begun).toEqual([0]);
  });

  it('rejects when the work is no function', async () => {
    const work = 5 as unknown as Work<unknown>; // as without types
    await expect(setUp([]).hedged.execute(work)).rejects.toBeInstanceOf(InvalidOptionsError);
  });
});

describe('a budget', () => {
  it('is asked before each further try, and told of success', async () => {
    const told: string[] = [];
    let tokens = 1;
    const budget = {
      tryTake: () => {
        told.push('take');
        return tokens-- > 0;
      },
      succeeded: () => told.push('succeeded'),
    };
    const { clock, hedged, begun, work } = setUp([500, 500, 500], { attempts: 3, budget });
    const call = hedged.execute(work);
    await clock.advance(1000);
    await expect(call).resolves.toBe(0);
    expect(begun).toEqual([0, 100]);
    expect(told).toEqual(['take', 'take', 'succeeded']);
  });

  it('that throws allows no further try, and is reported', async () => {
    const faults: unknown[] = [];
    const fails = () => JSON.parse('{');
    const budget = { tryTake: fails, succeeded: fails };
    const { clock, hedged, begun, work } = setUp([200], { budget, listenerFailed: (fault) => faults.push(fault) });
    const call = hedged.execute(work);
    await clock.advance(200);
    await expect(call).resolves.toBe(0);
    expect(begun).toEqual([0]);
    expect(faults).toMatchObject([{ event: 'budget.tryTake' }, { event: 'budget.succeeded' }]);
  });
});

describe('a measured delay', () => {
  it('is none until enough was measured, and then the quantile', async () => {
    const { clock, hedged } = setUp([], { quantile: 0.9, minimumCalls: 100 });
    expect(hedged.delayMs).toBe(Infinity);
    for (let ms = 1; ms <= 100; ms++) {
      const call = hedged.execute(() => sleep(ms, clock, undefined));
      await clock.advance(ms);
      await call;
    }
    expect(Math.abs(hedged.delayMs - 90)).toBeLessThan(1);
  });

  it('follows what the tries take now', async () => {
    const { clock, hedged } = setUp([], { quantile: 0.5, minimumCalls: 10 });
    const takes = async (ms: number, calls: number) => {
      const all = Array.from({ length: calls }, () => hedged.execute(() => sleep(ms, clock, undefined)));
      await clock.advance(ms);
      await Promise.all(all);
    };
    await takes(10, 2000);
    expect(Math.abs(hedged.delayMs - 10)).toBeLessThan(0.1);
    await takes(5, 2000);
    expect(Math.abs(hedged.delayMs - 5)).toBeLessThan(0.1);
  });

  it('counts a try that was given up with the time it took until then', async () => {
    const { clock, hedged } = setUp([], { quantile: 1, minimumCalls: 1 });
    const first = hedged.execute(() => sleep(10, clock, undefined));
    await clock.advance(10);
    await first;
    const second = hedged.execute(({ attempt }) => sleep(attempt === 0 ? 1e6 : 30, clock, undefined));
    await clock.advance(40);
    await second;
    const rest = Array.from({ length: 31 }, () => hedged.execute(() => 'at once'));
    await Promise.all(rest);
    expect(hedged.delayMs).toBe(40);
  });
});

describe('among other policies', () => {
  it('each try goes through what is inside, and a loser is neutral to a breaker', async () => {
    const { clock, hedged } = setUp([]);
    const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1000, clock });
    const attempts: number[] = [];
    const call = compose(hedged, breaker).execute(async ({ attempt, signal }) => {
      attempts.push(attempt);
      if (attempt === 1) return 'hedge';
      return await new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await clock.advance(100);
    await expect(call).resolves.toBe('hedge');
    await clock.settle();
    expect([attempts, breaker.state.name]).toEqual([[0, 1], 'closed']);
  });

  it('a timeout around it aborts every try, and no further one begins', async () => {
    const { clock, hedged, contexts, begun, work } = setUp([], { attempts: 9 });
    const call = compose(timeout({ ms: 150, clock, timers: clock }), hedged).execute(work);
    const ended = expect(call).rejects.toHaveProperty('name', 'TimeoutError');
    await clock.advance(1000);
    await ended;
    expect(begun).toEqual([0, 100]);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it('a timeout inside of it lets work that has lost run on, whether or not its caller can abort', async () => {
    for (const options of [undefined, { signal: new AbortController().signal }]) {
      const { clock, hedged, work } = setUp([500, 10]);
      const places = bulkhead({ limit: 2, clock, timers: clock });
      const policy = compose(hedged, places, timeout({ ms: 1000, clock, timers: clock }));
      const call = policy.execute(work, options);
      await clock.advance(110);
      await expect(call).resolves.toBe(1);
      expect(places.running).toBe(1);
      await clock.advance(390);
      expect(places.running).toBe(0);
    }
  });

  it('a timeout inside of it frees a caller who aborts, also from work that heeds no signal', async () => {
    const { clock, hedged, work } = setUp([]);
    const limit = timeout({ ms: 1000, clock, timers: clock });
    for (const policy of [compose(hedged, limit), compose(retry(), hedged, retry(), limit)]) {
      const caller = new AbortController();
      const call = expect(policy.execute(work, { signal: caller.signal })).rejects.toBeInstanceOf(AbortedError);
      caller.abort();
      await clock.advance(0);
      await call;
      expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
    }
  });
});

describe('whatever the tries do', () => {
  it('the first success wins, at most so many begin, and the call ends once', async () => {
    // At whole hundreds the beginning of a try and the end of another would be at the same instant.
    const duration = fc.integer({ min: -400, max: 400 }).filter((ms) => ms % 100 !== 0);
    const durations = fc.array(duration, { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(durations, fc.integer({ min: 1, max: 4 }), async (tries, attempts) => {
        const { clock, hedged, begun, work } = setUp(tries, { attempts });
        const endings: unknown[] = [];
        hedged.execute(work).then(
          (value) => endings.push([value, clock.now()]),
          () => endings.push(['failed', clock.now()]),
        );
        await clock.runUntilIdle(10_000);
        const expected = expectedEnding(tries, attempts);
        expect(endings).toEqual([[expected?.winner, expected?.atMs]]);
        expect(begun).toHaveLength(expected?.begun ?? 0);
      }),
      { numRuns: 300 },
    );
  });
});

/** The same by brute force, one millisecond after the other. */
function expectedEnding(tries: readonly number[], attempts: number) {
  const underWay = new Map<number, number>();
  let begun = 0;
  for (let atMs = 0; atMs < 10_000; atMs++) {
    for (const [attempt, endsAt] of [...underWay].toSorted((one, other) => one[0] - other[0])) {
      if (endsAt !== atMs) continue;
      if ((tries[attempt] ?? 0) >= 0) return { winner: attempt, atMs, begun };
      underWay.delete(attempt);
    }
    if (atMs > 0 && underWay.size === 0) return { winner: 'failed', atMs, begun };
    if (atMs === begun * 100 && begun < attempts) underWay.set(begun, atMs + Math.abs(tries[begun++] ?? 0));
  }
  return undefined;
}

describe('what a hedge counts', () => {
  it('is who won, who failed, and the further tries', async () => {
    const registry = new Registry({ clock: new VirtualClock() });
    const { clock, hedged, work } = setUp([500, 50], { registry, name: 'search' });
    const calls = [
      hedged.execute(work),
      hedged.execute(() => 1),
      hedged.execute(() => Promise.reject(new Error('no'))),
    ];
    const ended = Promise.allSettled(calls);
    await clock.advance(500);
    await ended;
    const readings = registry
      .read()
      .metrics.map((metric) => [
        ...[metric.name, ...Object.values(metric.labels)],
        metric.kind === 'counter' && metric.value,
      ]);
    expect(readings).toEqual([
      ['cryo_hedge_calls_total', 'search', 'first', 1],
      ['cryo_hedge_calls_total', 'search', 'hedge', 1],
      ['cryo_hedge_calls_total', 'search', 'failed', 1],
      ['cryo_hedge_calls_total', 'search', 'out-of-time', 0],
      ['cryo_hedge_hedges_total', 'search', 1],
    ]);
  });
});

describe('options', () => {
  it('are refused with all faults at once', () => {
    const wrong = { delayMs: -1, quantile: 2, attempts: 0, minimumCalls: 0.5, budget: {}, after: 1 };
    expect(() => hedge(wrong as unknown as HedgeOptions)).toThrow(InvalidOptionsError); // as without types
    expect(() => hedge(wrong as unknown as HedgeOptions)).toThrow(
      /after.*delayMs is -1.*quantile is 2.*either a delay or a quantile.*minimumCalls.*attempts is 0.*budget/,
    );
    expect(() => hedge({})).toThrow('delayMs is undefined, expected a delay in ms, or a quantile');
  });
});
