import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import type { PolicyContext } from './call.ts';
import { AbortedError, TimeoutError } from './errors.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

const never = () => new Promise<never>(() => {});

const ways: readonly { readonly name: string; readonly around: (limit: Policy) => Policy }[] = [
  { name: 'alone', around: (limit) => limit },
  { name: 'inside a retry', around: (limit) => compose(retry({ maxRetries: 0 }), limit) },
];

describe.each(ways)('a limit that serves call after call, $name,', ({ around }) => {
  function setUp() {
    const clock = new VirtualClock();
    return { clock, policy: around(timeout({ ms: 100, clock, timers: clock })) };
  }

  it('aborts nothing for a context that was kept beyond its call, however a later call ends', async () => {
    const { clock, policy } = setUp();
    const contexts: PolicyContext[] = [];
    await policy.execute((context) => void contexts.push(context));
    const late = policy.execute((context) => {
      contexts.push(context);
      return never();
    });
    const ended = expect(late).rejects.toBeInstanceOf(TimeoutError);
    await clock.advance(100);
    await ended;
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    expect(contexts[0]?.signal).toBe(contexts[0]?.signal);
  });

  it('keeps the signal of a context what it was while the call ran, and lets it hear of no later call', async () => {
    const { clock, policy } = setUp();
    let during: unknown;
    const kept: PolicyContext[] = [];
    await policy.execute((context) => {
      during = context.signal;
      kept.push(context);
    });
    const ended = expect(policy.execute(never)).rejects.toBeInstanceOf(TimeoutError);
    await clock.advance(100);
    await ended;
    expect(kept[0]?.signal).toBe(during);
    expect(kept[0]?.signal.aborted).toBe(false);
  });

  it('does not end a call that was made with its context and goes on after it', async () => {
    const { clock, policy } = setUp();
    const inner = compose();
    const context: PolicyContext[] = [];
    let going: Promise<string> | undefined;
    await policy.execute((given) => {
      going = inner.execute((own) => {
        context.push(own);
        return sleep(500, clock, undefined).then(() => 'done');
      }, given);
    });
    const ended = expect(policy.execute(never)).rejects.toBeInstanceOf(TimeoutError);
    await clock.advance(500);
    await ended;
    await expect(going).resolves.toBe('done');
    expect(context[0]?.signal.aborted).toBe(false);
  });

  it('tells the work which had begun before its time was up, and no other, when both run on', async () => {
    const { clock, policy } = setUp();
    const contexts: PolicyContext[] = [];
    const begin = () =>
      policy.execute((context) => {
        contexts.push(context);
        return sleep(150, clock, undefined);
      });
    const first = expect(begin()).rejects.toBeInstanceOf(TimeoutError);
    await clock.advance(60);
    const second = expect(begin()).rejects.toBeInstanceOf(TimeoutError);
    await clock.advance(40);
    await first;
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await clock.advance(150);
    await second;
  });

  it('ends each of many calls as it would end that call alone', async () => {
    // Not 100: of two timers for one moment either may be the first.
    const takesMs = fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 101, max: 199 }));
    const call = fc.record({ afterMs: fc.nat(80), takesMs, reads: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 40 }), async (calls) => {
        const { clock, policy } = setUp();
        const endings: { ending: string; at: number }[] = [];
        const expected: { ending: string; at: number }[] = [];
        for (const [index, { afterMs, takesMs, reads }] of calls.entries()) {
          await clock.advance(afterMs);
          const isInTime = takesMs < 100;
          expected[index] = { ending: isInTime ? `${index}` : 'timed out', at: clock.now() + Math.min(takesMs, 100) };
          policy
            .execute(async (context) => {
              if (reads) void context.signal;
              await sleep(takesMs, clock, undefined);
              return `${index}`;
            })
            .catch((error: unknown) => (error instanceof TimeoutError ? 'timed out' : 'something else'))
            .then((ending) => {
              endings[index] = { ending, at: clock.now() };
            });
        }
        await clock.advance(1_000);
        expect(endings.map(({ ending }) => ending)).toEqual(expected.map(({ ending }) => ending));
        expect(endings.map(({ at }) => at)).toEqual(expected.map(({ at }) => at));
        expect(clock.pending()).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('ends all of a thousand calls at their time, and serves as many again afterwards', async () => {
    const { clock, policy } = setUp();
    const wave = Array.from({ length: 1_000 }, () => policy.execute(never).catch((error: unknown) => error));
    await clock.advance(100);
    expect((await Promise.all(wave)).every((error) => error instanceof TimeoutError)).toBe(true);
    const again = await Promise.all(Array.from({ length: 1_000 }, (_, index) => policy.execute(async () => index)));
    expect(again).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
    await clock.advance(250);
    expect(clock.pending()).toBe(0);
  });

  it('is told apart from the abort of a caller that one of its calls has', async () => {
    const { clock, policy } = setUp();
    await policy.execute(() => 'first');
    const controller = new AbortController();
    const aborted = expect(policy.execute(never, { signal: controller.signal })).rejects.toBeInstanceOf(AbortedError);
    const untouched = expect(policy.execute(never)).rejects.toBeInstanceOf(TimeoutError);
    controller.abort();
    await clock.advance(100);
    await aborted;
    await untouched;
  });
});

describe('a call through a timeout alone', () => {
  it('may make another through the same timeout at once, and each gets its own answer', async () => {
    const clock = new VirtualClock();
    const limit = timeout({ ms: 100, clock, timers: clock });
    const depth = async (levels: number): Promise<number> =>
      levels === 0 ? 0 : 1 + (await limit.execute(() => depth(levels - 1)));
    await expect(depth(20)).resolves.toBe(20);
  });

  it('is cut off once, even when its work moves the clock past its time before it answers', async () => {
    const clock = new VirtualClock();
    const limit = timeout({ ms: 100, clock, timers: clock });
    const call = limit.execute(async () => {
      await clock.advance(100);
      return 'late';
    });
    await expect(call).rejects.toBeInstanceOf(TimeoutError);
    await expect(limit.execute(() => 'next')).resolves.toBe('next');
  });
});

describe('work that outlasts a limit within another', () => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  const limit = (ms: number) => timeout({ ms, ...time });
  const outsides: Readonly<Record<string, Policy>> = { limit: limit(100), hedge: hedge({ delayMs: 1_000, ...time }) };

  /** A call whose caller aborts while work of an earlier one goes on. */
  async function abortAnother(policy: Policy): Promise<void> {
    const caller = new AbortController();
    const ended = expect(policy.execute(never, { signal: caller.signal })).rejects.toBeInstanceOf(Error);
    caller.abort();
    await clock.advance(100);
    await ended;
  }

  it.each(Object.keys(outsides))(
    'is judged by its own caller, and by none of a later call: inside a %s',
    async (name) => {
      const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock });
      const policy = compose(outsides[name] as Policy, limit(60), limit(50), breaker);
      let fail: ((error: Error) => void) | undefined;
      const first = expect(policy.execute(() => new Promise((_, reject) => (fail = reject)))).rejects.toThrow(
        TimeoutError,
      );
      await clock.advance(50);
      await first;
      await abortAnother(policy);
      fail?.(new Error('the server hung up'));
      await clock.advance(0);
      expect(breaker.state.name).toBe('open');
    },
  );

  it.each(Object.keys(outsides))(
    'may be another call, made with a context that it was given: inside a %s',
    async (name) => {
      const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock });
      const other = compose(retry({ maxRetries: 0, ...time }), breaker);
      const policy = compose(outsides[name] as Policy, limit(50));
      let fail: ((error: Error) => void) | undefined;
      let late: Promise<void> | undefined;
      await policy.execute((context) => {
        const failing = () => new Promise<never>((_, reject) => (fail = reject));
        late = expect(other.execute(failing, context)).rejects.toThrow('the server hung up');
      });
      await abortAnother(policy);
      fail?.(new Error('the server hung up'));
      await late;
      expect(breaker.state.name).toBe('open');
    },
  );
});
