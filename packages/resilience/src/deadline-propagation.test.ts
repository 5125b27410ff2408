import { describe, expect, it } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import { DeadlineExceededError } from './errors.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

/** A policy of somebody else: it hands nothing on. */
const foreign: Policy = { execute: async (work) => await work({} as never) };

function everyPolicy(clock: VirtualClock): Readonly<Record<string, Policy>> {
  const time = { clock, timers: clock };
  return {
    timeout: timeout({ ms: 1_000, ...time }),
    retry: retry({ ...time, maxRetries: 1, backoff: { delayMs: () => 10 } }),
    breaker: circuitBreaker({ name: 'b', trip: consecutiveFailures(5), openForMs: 1_000, clock }),
    bulkhead: bulkhead({ limit: 5, queueLimit: 5, ...time }),
    'rate limiter': rateLimiter({ perSecond: 100, ...time }),
    hedge: hedge({ delayMs: 500, ...time }),
  };
}

const NAMES = Object.keys(everyPolicy(new VirtualClock()));

describe('a deadline', () => {
  it.each(NAMES)('that has passed keeps the work from beginning: %s', async (name) => {
    const clock = new VirtualClock({ startMs: 100 });
    const policy = everyPolicy(clock)[name] as Policy;
    let begun = 0;
    await expect(policy.execute(() => begun++, { deadline: 100 })).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(begun).toBe(0);
    await expect(policy.execute(() => ++begun, { deadline: 101 })).resolves.toBe(1);
  });

  it.each(NAMES)('reaches the work through a policy: %s', async (name) => {
    const policy = everyPolicy(new VirtualClock())[name] as Policy;
    await expect(policy.execute(({ deadline }) => deadline, { deadline: 70 })).resolves.toBe(70);
    const inFallback = compose(fallback({ value: 0 }), policy);
    await expect(inFallback.execute(({ deadline }) => deadline, { deadline: 70 })).resolves.toBe(70);
  });

  it('of a retry is seen by every policy inside of it, also through a foreign one', async () => {
    for (const name of NAMES) {
      const clock = new VirtualClock();
      const policy = everyPolicy(clock)[name] as Policy;
      const total = retry({ deadlineMs: 40, clock, timers: clock });
      await expect(compose(total, policy).execute(({ deadline }) => deadline)).resolves.toBe(40);
      await expect(compose(total, foreign, policy).execute(({ deadline }) => deadline)).resolves.toBe(40);
    }
  });

  it('is the earliest of all that apply', async () => {
    const clock = new VirtualClock();
    const { timeout: limit, ...others } = everyPolicy(clock);
    const call = compose(retry({ deadlineMs: 3_000, clock, timers: clock }), limit as Policy, ...Object.values(others));
    await expect(call.execute(({ deadline }) => deadline)).resolves.toBe(1_000);
    await expect(call.execute(({ deadline }) => deadline, { deadline: 500 })).resolves.toBe(500);
    await expect(call.execute(({ deadline }) => deadline, { deadline: 5_000 })).resolves.toBe(1_000);
  });

  it('that passes between two tries starts no further one', async () => {
    const clock = new VirtualClock();
    let tries = 0;
    const call = compose(...Object.values(everyPolicy(clock))).execute(
      () => {
        tries++;
        clock.stall(95);
        throw new Error('slow and failing');
      },
      { deadline: 100 },
    );
    const ended = expect(call).rejects.toThrow('slow and failing');
    await clock.advance(1_000);
    await ended;
    expect(tries).toBe(1);
  });

  it('is that of the call again outside of the policy that has shortened it', async () => {
    const clock = new VirtualClock();
    const time = { clock, timers: clock };
    const again = retry({ ...time, maxRetries: 3, backoff: { delayMs: () => 20 } });
    const seen: number[] = [];
    const call = compose(again, timeout({ ms: 50, ...time })).execute(({ deadline }) => {
      seen.push(deadline);
      return new Promise(() => {});
    });
    const ended = expect(call).rejects.toThrow();
    await clock.advance(1_000);
    await ended;
    expect(seen).toEqual([50, 120, 190, 260]);
  });
});
