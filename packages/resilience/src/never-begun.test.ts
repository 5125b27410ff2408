import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

const insides: Readonly<Record<string, (time: { clock: VirtualClock; timers: VirtualClock }) => Policy>> = {
  'is kept waiting for a place until its deadline': (time) => bulkhead({ limit: 1, queueLimit: 100, ...time }),
  'is too late for a place': (time) => compose(stalled(time.clock), bulkhead({ limit: 1, ...time })),
  'is too late for a token': (time) => compose(stalled(time.clock), rateLimiter({ perSecond: 1_000, ...time })),
  'is too late for a try': (time) => compose(stalled(time.clock), retry(time)),
  'is too late for a limit': (time) => compose(stalled(time.clock), timeout({ ms: 50, ...time })),
  'is too late for a hedge': (time) => compose(stalled(time.clock), hedge({ delayMs: 50, ...time })),
};

/** The event loop is blocked for so long on the way in that every deadline has passed. */
function stalled(clock: VirtualClock): Policy {
  return {
    execute(work, options) {
      if (options?.deadline !== undefined && options.deadline < Infinity) clock.stall(1_000);
      return Promise.resolve(work(options as never));
    },
  };
}

test.each(Object.keys(insides))('A breaker stays closed though every call %s, for no work ever ran.', async (name) => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(2), openForMs: 1_000, clock });
  const policy = compose(breaker, insides[name]?.(time) as Policy);
  const work = () => sleep(60, clock, undefined);
  const calls = Array.from({ length: 6 }, () => policy.execute(work, { deadline: clock.now() + 40 }));
  const ends = Promise.allSettled(calls);
  await clock.advance(5_000);
  const late = (await ends).filter(({ status }) => status === 'rejected');
  expect(late.length).toBeGreaterThanOrEqual(5);
  for (const end of late) expect(end).toMatchObject({ reason: { code: 'DEADLINE_EXCEEDED', begun: false } });
  expect(breaker.state.name).toBe('closed');
});
