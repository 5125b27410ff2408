import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import type { PolicyContext } from './call.ts';
import { AbortedError, DeadlineExceededError, InvalidOptionsError, TimeoutError } from './errors.ts';
import { Registry } from './metrics/registry.ts';
import { compose } from './policy.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { type TimeoutOptions, timeout } from './timeout.ts';

function setUp(options: Partial<TimeoutOptions> = {}) {
  const clock = new VirtualClock();
  return { clock, limit: timeout({ ms: 100, clock, timers: clock, ...options }) };
}

const never = () => new Promise<never>(() => {});

/** What has become of a promise by now. */
function watch<Result>(promise: Promise<Result>) {
  const seen: { value?: Result; error?: unknown; settled: number } = { settled: 0 };
  promise.then(
    (value) => Object.assign(seen, { value, settled: seen.settled + 1 }),
    (error: unknown) => Object.assign(seen, { error, settled: seen.settled + 1 }),
  );
  return seen;
}

describe('work under a timeout', () => {
  it('gives its result, or its own error, when it is in time', async () => {
    const { clock, limit } = setUp();
    await expect(limit.execute(() => 'now')).resolves.toBe('now');
    await expect(limit.execute(() => Promise.reject(new Error('own')))).rejects.toThrow('own');
    const slow = watch(limit.execute(() => sleep(99, clock, undefined)));
    await clock.advance(99);
    expect([slow.settled, slow.error]).toEqual([1, undefined]);
  });

  it('is waited for no longer than the time allows, whether it heeds its signal or not', async () => {
    const { clock, limit } = setUp({ name: 'search' });
    const call = watch(limit.execute(never));
    await clock.advance(99);
    expect(call.settled).toBe(0);
    await clock.advance(1);
    expect(call.error).toBeInstanceOf(TimeoutError);
    expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', timeout: 'search', timeoutMs: 100 });
  });

  it('sees the signal abort, with the error that its caller gets', async () => {
    const { clock, limit } = setUp();
    const contexts: PolicyContext[] = [];
    const call = watch(
      limit.execute((context) => {
        contexts.push(context);
        void context.signal;
        return never();
      }),
    );
    await clock.advance(100);
    expect(contexts[0]?.signal.aborted).toBe(true);
    expect(contexts[0]?.signal.reason).toBe(call.error);
  });

  it('sees an aborted signal also when it first looks after the time was up', async () => {
    const { clock, limit } = setUp();
    const contexts: PolicyContext[] = [];
    const call = watch(
      limit.execute((context) => {
        contexts.push(context);
        return never();
      }),
    );
    await clock.advance(100);
    expect(contexts[0]?.signal.reason).toBe(call.error);
  });

  it('sees by when it has to be done, and so do policies inside', async () => {
    const { clock, limit } = setUp();
    clock.stall(1000);
    await expect(limit.execute(({ deadline }) => deadline)).resolves.toBe(1100);
    await expect(limit.execute(({ deadline }) => deadline, { deadline: 1050 })).resolves.toBe(1050);
    await expect(limit.execute(({ deadline }) => deadline, { deadline: 5000 })).resolves.toBe(1100);
    const both = compose(timeout({ ms: 500, clock, timers: clock }), limit, timeout({ ms: 900, clock, timers: clock }));
    await expect(both.execute(({ deadline }) => deadline)).resolves.toBe(1100);
  });

  it('is not aborted by anything that happens after its call has ended', async () => {
    const { clock, limit } = setUp();
    const controller = new AbortController();
    const early = await limit.execute(
      (context) => {
        void context.signal;
        return context;
      },
      { signal: controller.signal },
    );
    const late = await limit.execute((context) => context, { signal: controller.signal });
    controller.abort();
    await clock.advance(500);
    expect([early.signal.aborted, late.signal.aborted]).toEqual([false, false]);
  });
});

describe('the deadline of a call', () => {
  it('ends the wait when it comes before the timeout, and is told apart from it', async () => {
    const { clock, limit } = setUp();
    const call = watch(limit.execute(never, { deadline: 30 }));
    await clock.advance(30);
    expect(call.error).toBeInstanceOf(DeadlineExceededError);
    expect(call.error).not.toBeInstanceOf(TimeoutError);
  });

  it('keeps work from beginning once it has passed', async () => {
    const { clock, limit } = setUp();
    clock.stall(50);
    let began = false;
    await expect(limit.execute(() => (began = true), { deadline: 50 })).rejects.toThrow(DeadlineExceededError);
    expect(began).toBe(false);
  });

  it('is kept for many calls with deadlines in any order', async () => {
    const { clock, limit } = setUp();
    const calls = [90, 10, 50, 500, 20].map((deadline) => watch(limit.execute(never, { deadline })));
    const settled = () => calls.map((call) => call.settled);
    await clock.advance(20);
    expect(settled()).toEqual([0, 1, 0, 0, 1]);
    await clock.advance(70);
    expect(settled()).toEqual([1, 1, 1, 0, 1]);
    await clock.advance(10);
    expect(settled()).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('an abort by the caller', () => {
  it('is told apart from the timeout, and keeps its reason', async () => {
    const { clock, limit } = setUp();
    const controller = new AbortController();
    const contexts: PolicyContext[] = [];
    const work = (context: PolicyContext) => {
      contexts.push(context);
      void context.signal;
      return never();
    };
    const call = watch(limit.execute(work, { signal: controller.signal }));
    controller.abort('enough');
    expect(contexts[0]?.signal.reason).toBe('enough');
    await clock.advance(0);
    expect(call.error).toBeInstanceOf(AbortedError);
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await clock.advance(500);
    expect(call.settled).toBe(1);
  });

  it('does not throw away the result of work that was finishing', async () => {
    const { clock, limit } = setUp();
    const controller = new AbortController();
    const work = async () => {
      await null;
      controller.abort();
      await null;
      return 'committed';
    };
    const call = watch(limit.execute(work, { signal: controller.signal }));
    await clock.advance(0);
    expect(call.value).toBe('committed');
  });

  it('leaves no listener on the signal of the caller, however the call ends', async () => {
    const { clock, limit } = setUp();
    const { signal } = new AbortController();
    await limit.execute((context) => context.signal.aborted, { signal });
    await limit.execute(() => Promise.reject(new Error('no')), { signal }).catch(() => {});
    watch(
      limit.execute(
        (context) => {
          void context.signal;
          return never();
        },
        { signal },
      ),
    );
    await clock.advance(100);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('a late outcome', () => {
  it('changes nothing for the caller, nor for any later call', async () => {
    const { clock, limit } = setUp();
    const finish: ((value: string) => void)[] = [];
    const slow = () => new Promise<string>((resolve) => finish.push(resolve));
    const calls = Array.from({ length: 200 }, () => watch(limit.execute(slow)));
    await clock.advance(100);
    const next = Array.from({ length: 200 }, () => watch(limit.execute(slow)));
    for (const [index, resolve] of finish.slice(0, 200).entries()) resolve(`late ${index}`);
    await clock.settle();
    expect(next.every(({ settled }) => settled === 0)).toBe(true);
    for (const [index, resolve] of finish.slice(200).entries()) resolve(`own ${index}`);
    await clock.settle();
    expect(next.map(({ value }) => value)).toEqual(next.map((_, index) => `own ${index}`));
    expect(calls.every(({ settled, error }) => settled === 1 && error instanceof TimeoutError)).toBe(true);
  });

  it('that is an error is no unhandled rejection', async () => {
    const { clock, limit } = setUp();
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const call = watch(limit.execute(({ signal }) => rejectsWhenAborted(signal)));
    await clock.advance(100);
    await clock.settle();
    process.off('unhandledRejection', listener);
    expect(call.error).toBeInstanceOf(TimeoutError);
    expect(unhandled).toEqual([]);
  });

  it('reaches the breaker inside of the timeout, and only that', async () => {
    const { clock, limit } = setUp();
    const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1000, clock });
    const fail: ((error: unknown) => void)[] = [];
    const call = watch(compose(limit, breaker).execute(() => new Promise<never>((_, reject) => fail.push(reject))));
    await clock.advance(100);
    expect([call.settled, breaker.state.name]).toEqual([1, 'closed']);
    fail[0]?.(new Error('late'));
    await clock.settle();
    expect([call.settled, breaker.state.name]).toEqual([1, 'open']);
  });
});

describe('among other policies', () => {
  it('is tried again by a retry around it, each try with its full time', async () => {
    const { clock, limit } = setUp();
    const again = retry({ clock, timers: clock, backoff: { delayMs: () => 10 } });
    const begun: number[] = [];
    const work = () => {
      begun.push(clock.now());
      return begun.length < 3 ? never() : 'third';
    };
    const call = watch(compose(again, limit).execute(work));
    await clock.advance(500);
    expect(begun).toEqual([0, 110, 220]);
    expect(call.value).toBe('third');
  });

  it('counts as a failure in a breaker around it', async () => {
    const { clock, limit } = setUp();
    const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1000, clock });
    const call = watch(compose(breaker, limit).execute(never));
    await clock.advance(100);
    expect(call.error).toBeInstanceOf(TimeoutError);
    expect(breaker.state.name).toBe('open');
  });

  it('ends a retry inside of it, sleeping or working, and no further try begins', async () => {
    const { clock, limit } = setUp();
    let tries = 0;
    const again = retry({ clock, timers: clock, backoff: { delayMs: () => 30 }, maxRetries: Infinity });
    const call = watch(
      compose(limit, again).execute(() => {
        tries++;
        return Promise.reject(new Error('no'));
      }),
    );
    await clock.advance(1000);
    expect([call.settled, tries]).toEqual([1, 4]);
    const ignoring = watch(
      compose(limit, again).execute(({ signal }) => {
        tries++;
        return rejectsWhenAborted(signal);
      }),
    );
    await clock.advance(1000);
    expect([ignoring.settled, tries]).toEqual([1, 5]);
    expect(ignoring.error).toBeInstanceOf(TimeoutError);
  });

  it('nests: the inner one fires, is tried again, and the outer one ends it all', async () => {
    const { clock, limit } = setUp();
    const again = retry({ clock, timers: clock, backoff: { delayMs: () => 0 }, maxRetries: Infinity });
    const total = timeout({ ms: 250, name: 'total', clock, timers: clock });
    const begun: number[] = [];
    const call = watch(
      compose(total, again, limit).execute(() => {
        begun.push(clock.now());
        return never();
      }),
    );
    await clock.advance(1000);
    expect(begun).toEqual([0, 100, 200]);
    expect(call.error).toMatchObject({ timeout: 'total', timeoutMs: 250 });
  });
});

describe('a blocked event loop', () => {
  it('costs no call its result when that has arrived meanwhile, and is counted', async () => {
    const registry = new Registry({ clock: new VirtualClock() });
    const { clock, limit } = setUp({ registry });
    const calls = Array.from({ length: 40 }, () =>
      watch(limit.execute(() => new Promise((resolve) => clock.afterInput(() => resolve('answer'))))),
    );
    clock.stall(300);
    await clock.advance(0);
    expect(calls.every(({ value }) => value === 'answer')).toBe(true);
    expect(read(registry, 'cryo_timeout_stalls_total')).toEqual([['timeout', 1]]);
  });

  it('costs no call its result that began while input was let in, if the loop is blocked again before that has ended', async () => {
    const { clock, limit } = setUp();
    const first = watch(limit.execute(never));
    let second: { readonly value?: unknown; readonly settled: number } | undefined;
    clock.stall(300);
    clock.afterInput(() => {
      second = watch(limit.execute(() => sleep(60, clock, undefined).then(() => 'answer')));
      clock.stall(300);
    });
    await clock.advance(0);
    await clock.advance(1);
    expect(first.error).toBeInstanceOf(TimeoutError);
    expect(second).toMatchObject({ value: 'answer', settled: 1 });
    const third = watch(limit.execute(never));
    await clock.advance(100);
    expect(third.error).toBeInstanceOf(TimeoutError);
    expect(clock.pending()).toBe(0);
  });

  it('ends the wait for work that has not answered all the same', async () => {
    const { clock, limit } = setUp();
    const call = watch(limit.execute(never));
    clock.stall(300);
    await clock.advance(0);
    expect(call.error).toBeInstanceOf(TimeoutError);
  });
});

describe('timers', () => {
  it('are one for any number of calls, and none once there are no calls', async () => {
    const { clock, limit } = setUp();
    for (let index = 0; index < 1000; index++) watch(limit.execute(never));
    expect(clock.pending()).toBe(1);
    await clock.advance(100);
    expect(clock.pending()).toBe(0);
    for (let index = 0; index < 1000; index++) await limit.execute(() => index);
    expect(clock.pending()).toBe(1);
    await clock.advance(250);
    expect(clock.pending()).toBe(0);
  });
});

describe('what a timeout counts', () => {
  it('is how the waiting ended', async () => {
    const registry = new Registry({ clock: new VirtualClock() });
    const { clock, limit } = setUp({ registry, name: 'search' });
    const controller = new AbortController();
    await limit.execute(() => 1);
    await limit.execute(() => Promise.reject(new Error('no'))).catch(() => {});
    watch(limit.execute(never, { signal: controller.signal }));
    watch(limit.execute(never, { deadline: 5 }));
    watch(limit.execute(never));
    controller.abort();
    await clock.advance(100);
    expect(read(registry, 'cryo_timeout_calls_total')).toEqual([
      ['search', 'in-time', 2],
      ['search', 'timed-out', 1],
      ['search', 'out-of-time', 1],
      ['search', 'aborted', 1],
    ]);
  });
});

describe('options', () => {
  it('are refused with all faults at once', () => {
    const wrong = { ms: 0, name: 7, clock: {}, timers: 1, after: 5 } as unknown as TimeoutOptions; // as without types
    expect(() => timeout(wrong)).toThrow(InvalidOptionsError);
    expect(() => timeout(wrong)).toThrow(/after.*name.*ms is 0, expected a number above 0 ms.*clock.*timers/);
    for (const ms of [-1, Number.NaN, '5']) expect(() => timeout({ ms: ms as number })).toThrow(`ms is`);
  });

  it('allow no limit at all', async () => {
    const { clock, limit } = setUp({ ms: Infinity });
    const call = watch(limit.execute(never));
    await clock.advance(1e9);
    expect(call.settled).toBe(0);
    expect(clock.pending()).toBe(0);
  });
});

function rejectsWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

function read(registry: Registry, name: string): unknown[][] {
  const metrics = registry.read().metrics.filter((metric) => metric.name === name);
  return metrics.map((metric) => [...Object.values(metric.labels), metric.kind === 'counter' && metric.value]);
}
