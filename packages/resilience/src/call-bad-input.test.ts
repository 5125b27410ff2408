import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import type { ExecuteOptions, Work } from './call.ts';
import { InvalidOptionsError, TimeoutError } from './errors.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

const clock = new VirtualClock();
const time = { clock, timers: clock };
const foreign: Policy = { execute: async (work, options) => work(options as never) };

const policies: Readonly<Record<string, Policy<unknown>>> = {
  timeout: timeout({ ms: 50, ...time }),
  retry: retry(time),
  hedge: hedge({ delayMs: 10, ...time }),
  bulkhead: bulkhead({ limit: 1, ...time }),
  limiter: rateLimiter({ perSecond: 1_000, ...time }),
  fallback: fallback({ value: 'instead', on: () => false }),
  breaker: circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 100, clock }),
  nothing: compose(),
  several: compose(retry(time), timeout({ ms: 50, ...time })),
  foreign: compose(retry(time), foreign, timeout({ ms: 50, ...time })),
};

test.each(Object.keys(policies))(
  'A call through %s with options that are none rejects, naming them, and throws nothing.',
  async (name) => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [null, /options is null, expected an object/],
      ['fast', /options is 'fast', expected an object/],
      [[], /options is an array, expected an object/],
      [{ signal: null }, /signal is null, expected an AbortSignal/],
      [{ signal: 'now' }, /signal is 'now', expected an AbortSignal/],
      [{ signal: {} }, /signal is an object, expected an AbortSignal/],
      [{ deadline: Number.NaN }, /deadline is NaN, expected a number of ms/],
      [{ deadline: null }, /deadline is null, expected a number of ms/],
      [
        { deadline: '5', signal: 5 },
        /deadline is '5', expected a number of ms.*; signal is 5, expected an AbortSignal/,
      ],
    ];
    for (const [options, message] of wrong) {
      const call = policies[name]?.execute(() => 'ran', options as ExecuteOptions);
      const error: unknown = await call?.catch((error: unknown) => error);
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(String(error)).toMatch(message);
    }
  },
);

test.each(Object.keys(policies))('Work that is no function is told at once by %s, and is not tried.', async (name) => {
  for (const work of [undefined, null, 'work', {}]) {
    const call = policies[name]?.execute(work as unknown as Work<unknown>);
    await expect(call).rejects.toThrow(/^execute\(\): work is .*, expected a function$/);
  }
});

test('A signal that is none, once refused, leaves the time limits of later calls as they were.', async () => {
  const limit = timeout({ ms: 50, ...time });
  const hung = () => new Promise<never>(() => {});
  await expect(limit.execute(hung, { signal: 'now' } as unknown as ExecuteOptions)).rejects.toThrow(
    InvalidOptionsError,
  );
  const later = expect(limit.execute(hung)).rejects.toBeInstanceOf(TimeoutError);
  await clock.advance(50);
  await later;
});
