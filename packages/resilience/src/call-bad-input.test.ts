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
      [{ signal: { addEventListener() {} } }, /signal is an object, expected an AbortSignal/],
      [new AbortController().signal, /options is an object, expected options with a signal, not a signal/],
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

test.each(Object.keys(policies))(
  'Options of a call through %s that throw when they are read are a fault of it.',
  async (name) => {
    for (const option of ['signal', 'deadline']) {
      const options = Object.defineProperty({}, option, {
        get() {
          throw new Error('unreadable');
        },
      });
      await expect(policies[name]?.execute(() => 'ran', options)).rejects.toThrow(`${option} is unreadable, expected `);
    }
  },
);

test.each(Object.keys(policies))(
  'Options that change, are gone, or hold a signal that throws, never make execute of %s throw.',
  async (name) => {
    const changing = (option: string, first: unknown, then: () => unknown) => {
      let readings = 0;
      return Object.defineProperty({}, option, { get: () => (readings++ === 0 ? first : then()) });
    };
    const unreadable = (): never => {
      throw new Error('unreadable');
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const signal = Object.defineProperty(new AbortController().signal, 'aborted', { get: unreadable });
    const all = [proxy, { signal }, changing('signal', undefined, unreadable), changing('deadline', 1e9, unreadable)];
    for (const options of all) {
      const call = policies[name]?.execute(() => 'ran', options);
      await expect(call?.catch(() => 'rejected')).resolves.toMatch(/^(ran|rejected)$/);
    }
  },
);

test('Options may hold more than a call looks at, also that somebody has not aborted.', async () => {
  for (const options of [{ aborted: false }, { deadline: 1e9, attempt: 3, aborted: true }]) {
    await expect(retry(time).execute(() => 'ran', options)).resolves.toBe('ran');
  }
});

test('A deadline is the one that was judged, whatever the options say when they are read again.', async () => {
  let readings = 0;
  const options = Object.defineProperty({}, 'deadline', {
    get: () => (readings++ === 0 ? clock.now() + 10 : Number.NaN),
  });
  const call = timeout({ ms: 50, ...time }).execute(() => new Promise<never>(() => {}), options);
  const late = expect(call).rejects.toThrow('deadline');
  await clock.advance(10);
  await late;
});

test('An open breaker says of a call that is none what is wrong with it, and refuses every other.', async () => {
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 100, clock });
  breaker.trip('down');
  const { signal } = new AbortController();
  await expect(breaker.execute('work' as never)).rejects.toThrow('work is ');
  await expect(breaker.execute(() => 'ran', { deadline: Number.NaN })).rejects.toThrow('deadline is NaN');
  await expect(breaker.execute(() => 'ran', { signal: 5 as never })).rejects.toThrow('signal is 5');
  await expect(breaker.execute(() => 'ran', { signal })).rejects.toThrow("Circuit breaker 'b' is open");
  await expect(breaker.execute(() => 'ran', { signal: AbortSignal.abort() })).rejects.toThrow('aborted by its caller');
});

// Not a rate limiter, which gives its caller the very promise of the work.
const onlookers: Readonly<Record<string, Policy<unknown>>> = {
  timeout: timeout({ ms: 50, ...time }),
  retry: retry({ maxRetries: 0 }),
  hedge: hedge({ delayMs: 10, ...time }),
  bulkhead: bulkhead({ limit: 1, ...time }),
  breaker: circuitBreaker({ name: 'b', trip: consecutiveFailures(5), openForMs: 100, clock }),
  several: compose(retry({ maxRetries: 0 }), bulkhead({ limit: 1, ...time })),
};

test.each(Object.keys(onlookers))(
  'An answer that cannot be looked at is a failure to %s, and never thrown.',
  async (name) => {
    for (const property of ['then', 'constructor']) {
      let looks = 0;
      const answer = Object.defineProperty(Promise.resolve('fine'), property, {
        get() {
          // It is asked for its class before it is used, and once more by the platform's own then.
          if (property === 'constructor' && looks++ === 0) return Promise;
          throw new Error('unreadable');
        },
      });
      for (let call = 0; call < 2; call++) {
        looks = 0;
        await expect(onlookers[name]?.execute(() => answer)).rejects.toThrow('unreadable');
      }
    }
  },
);

test('A place in a bulkhead is given back by work whose answer cannot be looked at.', async () => {
  const walls = bulkhead({ limit: 1, ...time });
  const answer = Object.defineProperty(Promise.resolve('fine'), 'then', {
    get() {
      throw new Error('unreadable');
    },
  });
  await expect(walls.execute(() => answer)).rejects.toThrow('unreadable');
  expect(walls.running).toBe(0);
});

test('A closed breaker answers with a promise of the platform, however the then of the work is patched.', async () => {
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 100, clock });
  const answer = Promise.resolve('fine');
  // biome-ignore lint/suspicious/noThenProperty: a patched promise is what is tested
  answer.then = (() => undefined) as never;
  await expect(breaker.execute(() => answer)).resolves.toBe('fine');
});
