import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import type { ExecuteOptions } from './call.ts';
import { DeadlineExceededError, InvalidOptionsError, isRefusal, type RefusedError } from './errors.ts';
import { Registry } from './metrics/registry.ts';
import { compose } from './policy.ts';
import { type RateLimiterOptions, rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

function setUp(options: Partial<RateLimiterOptions> = {}) {
  const clock = new VirtualClock();
  const limiter = rateLimiter({ perSecond: 10, burst: 2, clock, timers: clock, ...options });
  const begun: (readonly [call: number, atMs: number])[] = [];
  const ended: string[] = [];
  const start = (call: number, more?: ExecuteOptions): void => {
    limiter
      .execute(() => begun.push([call, clock.now()]), more)
      .then(
        () => ended.push(`${call} done`),
        (error) => ended.push(`${call} ${error.code}`),
      );
  };
  return { clock, limiter, begun, ended, start };
}

describe('a rate limiter', () => {
  it('lets a burst begin, then one call for each stretch of time', async () => {
    const { clock, begun, ended, start } = setUp();
    for (let call = 0; call < 30; call++) {
      start(call);
      await clock.advance(25);
    }
    expect(begun.map(([, atMs]) => atMs)).toEqual([0, 25, 100, 200, 300, 400, 500, 600, 700]);
    expect(ended.filter((line) => line.endsWith('RATE_LIMITED'))).toHaveLength(21);
  });

  it('refuses with the time after which there is a token', async () => {
    const { clock, limiter, begun, start } = setUp();
    start(1);
    start(2);
    await clock.advance(30);
    const refusal = await limiter.execute(() => 3).catch((error: unknown) => error);
    expect(isRefusal(refusal)).toBe(true);
    expect(refusal).toMatchObject({ code: 'RATE_LIMITED', policy: 'rate-limiter' });
    expect((refusal as RefusedError).retryAfterMs).toBeCloseTo(70);
    await clock.advance((refusal as RefusedError).retryAfterMs ?? 0);
    start(4);
    expect(begun).toHaveLength(3);
  });

  it('gives no token to what is no work', async () => {
    const { limiter, begun, start } = setUp({ burst: 1 });
    await expect(limiter.execute(5 as never)).rejects.toBeInstanceOf(InvalidOptionsError);
    start(1);
    expect(begun).toHaveLength(1);
  });

  it('gives the caller of a call that may begin what the work gives, however it does', async () => {
    const { limiter } = setUp({ burst: 4 });
    const error = new Error('no');
    const throws = () => {
      throw error;
    };
    expect(await limiter.execute(() => 1)).toBe(1);
    expect(await limiter.execute(async ({ attempt, deadline }) => [attempt, deadline])).toEqual([0, Infinity]);
    await expect(limiter.execute(throws)).rejects.toBe(error);
    await expect(limiter.execute(() => Promise.reject(error))).rejects.toBe(error);
  });

  it('gives no more than the burst after a quiet time, however long', async () => {
    const { clock, begun, start } = setUp();
    await clock.advance(1e9);
    for (let call = 0; call < 10; call++) start(call);
    expect(begun).toHaveLength(2);
  });

  it('lets a second of calls begin at once unless told otherwise, and at least one', () => {
    for (const [perSecond, burst] of [
      [5, 5],
      [0.1, 1],
    ] as const) {
      const { begun, start } = setUp({ perSecond, burst: undefined });
      for (let call = 0; call < 10; call++) start(call);
      expect(begun).toHaveLength(burst);
    }
  });

  it('tells a retry when to come again', async () => {
    const { clock, limiter, begun } = setUp({ burst: 1 });
    const again = retry({ clock, timers: clock, backoff: { delayMs: () => 0 } });
    const calls = [1, 2].map((call) => compose(again, limiter).execute(() => begun.push([call, clock.now()])));
    await clock.advance(100);
    await Promise.all(calls);
    expect(begun).toEqual([
      [1, 0],
      [2, 100],
    ]);
  });
});

describe('waiting for a turn', () => {
  const wait = { maxWaitMs: 300 };

  it('is in the order of coming, and only for those whose turn comes soon enough', async () => {
    const { clock, limiter, begun, ended, start } = setUp({ wait });
    for (let call = 1; call <= 6; call++) start(call);
    expect(limiter.waiting).toBe(3);
    expect(clock.pending()).toBe(1);
    await clock.advance(1000);
    expect(begun).toEqual([
      [1, 0],
      [2, 0],
      [3, 100],
      [4, 200],
      [5, 300],
    ]);
    expect(ended).toContain('6 RATE_LIMITED');
    expect(clock.pending()).toBe(0);
  });

  it('is refused with the time after which there is a place among those who wait', async () => {
    const { clock, limiter, start } = setUp({ wait });
    for (let call = 1; call <= 5; call++) start(call);
    const refusal = await limiter.execute(() => 6).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ retryAfterMs: 100 });
    await clock.advance(100);
    start(7);
    expect(limiter.waiting).toBe(3);
  });

  it('ends at once when the caller aborts, and those behind move up', async () => {
    const { clock, limiter, begun, ended, start } = setUp({ wait });
    const controller = new AbortController();
    for (let call = 1; call <= 5; call++) start(call, { signal: call === 3 ? controller.signal : undefined });
    await clock.advance(50);
    controller.abort();
    await clock.settle();
    expect([limiter.waiting, ended.includes('3 ABORTED')]).toEqual([2, true]);
    await clock.advance(1000);
    expect(begun.slice(2)).toEqual([
      [4, 100],
      [5, 200],
    ]);
  });

  it('leaves no timer when all who waited have aborted', async () => {
    const { clock, limiter, start } = setUp({ wait });
    const controller = new AbortController();
    for (let call = 1; call <= 5; call++) start(call, { signal: controller.signal });
    controller.abort();
    await clock.advance(250);
    expect([limiter.waiting, clock.pending()]).toEqual([0, 0]);
  });

  it('is not begun by a call whose turn would come after its deadline', async () => {
    const { clock, limiter, start } = setUp({ wait });
    start(1);
    start(2);
    const late = limiter.execute(() => 3, { deadline: 100 });
    await expect(late).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 100 });
    await clock.advance(50);
    await expect(limiter.execute(() => 4, { deadline: 50 })).rejects.toBeInstanceOf(DeadlineExceededError);
  });

  it('after a blocked event loop lets in as many as the law allows', async () => {
    const { clock, begun, start } = setUp({ wait });
    for (let call = 1; call <= 5; call++) start(call);
    clock.stall(1000);
    await clock.advance(0);
    expect(begun.slice(2)).toEqual([
      [3, 1000],
      [4, 1000],
    ]);
    await clock.advance(100);
    expect(begun).toHaveLength(5);
  });
});

describe('whatever happens', () => {
  const rates = fc.record({
    perSecond: fc.double({ min: 0.5, max: 1000, noNaN: true }),
    burst: fc.integer({ min: 1, max: 5 }),
    maxWaitMs: fc.constantFrom(0, 50, 500),
  });
  const acts = fc.array(
    fc.tuple(
      fc.constantFrom('start', 'start', 'start', 'abort', 'pass', 'pass', 'stall'),
      fc.integer({ min: 0, max: 300 }),
    ),
    { maxLength: 60, size: 'large' },
  );

  it('no stretch of time sees more calls begin than the law says, in order, and every call ends', async () => {
    await fc.assert(fc.asyncProperty(rates, acts, expectLaw), { numRuns: 200 });
  });
});

async function expectLaw(
  { perSecond, burst, maxWaitMs }: { perSecond: number; burst: number; maxWaitMs: number },
  acts: readonly (readonly [string, number])[],
): Promise<void> {
  const { clock, begun, ended, start } = setUp({ perSecond, burst, wait: { maxWaitMs } });
  const calls: { readonly controller: AbortController; readonly atMs: number }[] = [];
  let stalledMs = 0;
  for (const [act, pick] of acts) {
    if (act === 'pass') await clock.advance(pick);
    else if (act === 'abort') calls[pick % Math.max(1, calls.length)]?.controller.abort();
    else if (act === 'stall') {
      clock.stall(pick);
      stalledMs += pick;
    } else {
      const controller = new AbortController();
      calls.push({ controller, atMs: clock.now() });
      start(calls.length - 1, { signal: controller.signal });
    }
  }
  await clock.advance(maxWaitMs + stalledMs + 1);
  expect(ended).toHaveLength(calls.length);
  const order = begun.map(([call]) => call);
  expect(order).toEqual(order.toSorted((one, other) => one - other));
  // Whoever waits while the event loop is blocked waits for as long as that besides.
  const longestMs = maxWaitMs + stalledMs + 0.1;
  for (const [call, atMs] of begun) expect(atMs - (calls[call]?.atMs ?? 0)).toBeLessThanOrEqual(longestMs);
  const tooMany = begun.flatMap(([, from], first) =>
    begun.slice(first).filter(([, to], behind) => behind + 1 > burst + ((to - from) * perSecond) / 1000 + 1e-3),
  );
  expect(tooMany).toEqual([]);
}

describe('what a rate limiter counts', () => {
  it('is who began, waited, was refused and gave up', async () => {
    const registry = new Registry({ clock: new VirtualClock() });
    const { clock, start } = setUp({ registry, name: 'mail', wait: { maxWaitMs: 200 } });
    const controller = new AbortController();
    for (let call = 1; call <= 5; call++) start(call, { signal: call === 4 ? controller.signal : undefined });
    controller.abort();
    await clock.advance(100);
    const readings = registry
      .read()
      .metrics.map((metric) => [
        ...[metric.name, ...Object.values(metric.labels)],
        metric.kind === 'histogram' ? undefined : metric.value,
      ]);
    expect(readings).toEqual([
      ['cryo_rate_limiter_calls_total', 'mail', 'admitted', 3],
      ['cryo_rate_limiter_calls_total', 'mail', 'refused', 1],
      ['cryo_rate_limiter_calls_total', 'mail', 'gave-up', 1],
      ['cryo_rate_limiter_calls_total', 'mail', 'out-of-time', 0],
      ['cryo_rate_limiter_delayed_total', 'mail', 2],
      ['cryo_rate_limiter_waiting_calls', 'mail', 0],
    ]);
  });
});

describe('options', () => {
  it('are refused with all faults at once', () => {
    const wrong = { perSecond: 0, burst: 0.5, wait: { maxWaitMs: -1 }, rate: 5 } as RateLimiterOptions;
    expect(() => rateLimiter(wrong)).toThrow(InvalidOptionsError);
    expect(() => rateLimiter(wrong)).toThrow(/rate is 5.*perSecond is 0.*burst is 0.5.*wait.maxWaitMs is -1/);
    const text = { perSecond: 1, wait: 'wait' } as unknown as RateLimiterOptions; // as without types
    expect(() => rateLimiter(text)).toThrow("wait is 'wait', expected 'refuse' or { maxWaitMs }");
    expect(() => rateLimiter({ perSecond: Number.NaN })).toThrow('perSecond is NaN');
  });
});

test('A caller who aborts when he is told that his call is a probe waits for no token, and leaves no timer.', async () => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 100, clock });
  const limiter = rateLimiter({ perSecond: 1, wait: { maxWaitMs: 60_000 }, ...time });
  await limiter.execute(() => 'the only token');
  const caller = new AbortController();
  breaker.trip('down');
  breaker.on('state-changed', () => caller.abort());
  await clock.advance(100);
  const call = compose(breaker, limiter).execute(() => 'ran', { signal: caller.signal });
  await expect(call).rejects.toThrow('aborted by its caller');
  await clock.advance(250);
  expect([limiter.waiting, clock.pending()]).toEqual([0, 0]);
});

describe('a clock that goes back', () => {
  it('takes no token from anybody, and tokens come again from where it has gone back to', async () => {
    let now = 1_000;
    const clock = { now: () => now, wallNow: () => 0 };
    const limiter = rateLimiter({ perSecond: 10, burst: 2, clock, timers: new VirtualClock() });
    await limiter.execute(() => 1);
    now = 500;
    await expect(limiter.execute(() => 2)).resolves.toBe(2);
    await expect(limiter.execute(() => 3)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 100 });
    now = 600;
    await expect(limiter.execute(() => 4)).resolves.toBe(4);
  });
});
