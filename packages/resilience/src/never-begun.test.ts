import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import type { Clock } from './clock.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';
import type { Timers } from './timers.ts';

interface Time {
  readonly clock: Clock;
  readonly timers: Timers;
}

const insides: Readonly<Record<string, (time: Time) => Policy>> = {
  'is too late for a place': (time) => bulkhead({ limit: 1, ...time }),
  'is too late for a token': (time) => rateLimiter({ perSecond: 1_000, ...time }),
  'is too late for a try': (time) => retry(time),
  'is too late for a limit': (time) => timeout({ ms: 50, ...time }),
  'is too late for a hedge': (time) => hedge({ delayMs: 50, ...time }),
};

/** It goes on by a millisecond whenever it is read. */
function tickingClock(): Clock {
  let readings = 0;
  return { now: () => readings++, wallNow: () => 0 };
}

test.each(Object.keys(insides))('A breaker stays closed though every call %s, for no work ever ran.', async (name) => {
  const time = { clock: tickingClock(), timers: new VirtualClock() };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock: time.clock });
  const policy = compose(breaker, insides[name]?.(time) as Policy);
  // The breaker reads the clock before the deadline, and what is inside of it after that.
  const call = policy.execute(() => 'ran', { deadline: time.clock.now() + 1.5 });
  await expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', begun: false });
  expect(breaker.state.name).toBe('closed');
});

test('A breaker stays closed though calls wait for a place until their deadline, for no work ever ran.', async () => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(2), openForMs: 1_000, clock });
  const policy = compose(breaker, bulkhead({ limit: 1, queueLimit: 100, ...time }));
  const work = () => sleep(60, clock, undefined);
  const calls = Array.from({ length: 6 }, () => policy.execute(work, { deadline: clock.now() + 40 }));
  const ends = Promise.allSettled(calls);
  await clock.advance(100);
  const late = (await ends).filter(({ status }) => status === 'rejected');
  expect(late).toHaveLength(5);
  for (const end of late) expect(end).toMatchObject({ reason: { code: 'DEADLINE_EXCEEDED', begun: false } });
  expect(breaker.state.name).toBe('closed');
});

test('A breaker stays closed though a policy of somebody else stands between it and the line that nobody left in time.', async () => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock });
  const traced: Policy = { execute: async (work, options) => work(options as never) };
  const walls = bulkhead({ limit: 1, queueLimit: 9, ...time });
  void walls.execute(() => new Promise(() => {}));
  const policy = compose(breaker, traced, retry(time), traced, walls);
  const call = expect(policy.execute(() => 'ran', { deadline: clock.now() + 40 })).rejects.toMatchObject({
    begun: false,
  });
  await clock.advance(50);
  await call;
  expect(breaker.state.name).toBe('closed');
});

test('A breaker counts a call whose work has failed once, though somebody else tried again and was too late.', async () => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock });
  const twice: Policy = {
    execute: (work, options) => Promise.resolve(work(options as never)).catch(() => work(options as never)),
  };
  const work = async () => {
    await sleep(60, clock, undefined);
    throw new Error('down');
  };
  const call = compose(breaker, twice, retry({ maxRetries: 0, ...time })).execute(work, { deadline: clock.now() + 50 });
  const end = expect(call).rejects.toMatchObject({ begun: false });
  await clock.advance(100);
  await end;
  expect(breaker.state.name).toBe('open');
});

test('A breaker counts what a fallback inside of it runs in vain, also when that is too late for what it calls.', async () => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock });
  const run = () => retry(time).execute(() => 'other', { deadline: clock.now() });
  const down = () => Promise.reject(new Error('down'));
  await expect(compose(breaker, fallback({ run })).execute(down)).rejects.toMatchObject({ begun: false });
  expect(breaker.state.name).toBe('open');
});

test('An error that says that work never began says so to all who hold it, whoever else judges it.', async () => {
  const clock = new VirtualClock();
  const shared = retry({ clock, timers: clock }).execute(() => 'ran', { deadline: clock.now() });
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock });
  await expect(breaker.execute(() => shared)).rejects.toMatchObject({ begun: false });
  await expect(shared).rejects.toMatchObject({ begun: false });
  expect(breaker.state.name).toBe('open');
});

const arounds: Readonly<Record<string, (breaker: Policy, time: Time) => Policy>> = {
  'asked alone': (breaker) => breaker,
  'around a retry': (breaker, time) => compose(breaker, retry({ maxRetries: 0, ...time })),
  'around a timeout': (breaker, time) => compose(breaker, timeout({ ms: 500, ...time })),
  'around a hedge': (breaker, time) => compose(breaker, hedge({ delayMs: 20, ...time })),
  'around a retry that knows only errors': (breaker, time) =>
    compose(breaker, retry({ maxRetries: 1, backoff: { delayMs: () => 1 }, ...time })),
  'around a timeout around a bulkhead': (breaker, time) =>
    compose(breaker, timeout({ ms: 500, ...time }), bulkhead({ limit: 1, ...time })),
};

test.each(Object.keys(arounds))(
  'Work that was too late for what it calls itself is a failure to a breaker %s: it had begun.',
  async (name) => {
    const clock = new VirtualClock();
    const time = { clock, timers: clock };
    const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock });
    const call = arounds[name]?.(breaker, time).execute(async () => {
      await sleep(60, clock, undefined);
      return retry(time).execute(() => 'ran', { deadline: clock.now() });
    });
    const end = expect(call).rejects.toThrow();
    await clock.advance(200);
    await end;
    expect(breaker.state.name).toBe('open');
  },
);
