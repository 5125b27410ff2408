import { describe, expect, it } from 'vitest';
import { bulkhead } from './bulkhead.ts';
import type { ExecuteOptions } from './call.ts';
import type { Policy } from './policy.ts';
import { compose } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const clock = new VirtualClock();
const time = { clock, timers: clock };

/** Calls by number: those that began, with when, and how each ended. */
function setUp(policy: Policy) {
  const begun: string[] = [];
  const ended: string[] = [];
  const origin = clock.now();
  let open: (() => void) | undefined;
  const start = (call: number, withinMs = Infinity): void => {
    const options: ExecuteOptions = { deadline: clock.now() + withinMs };
    const work = () => {
      begun.push(`${call} at ${clock.now() - origin}`);
      return new Promise<void>((resolve) => {
        open = resolve;
      });
    };
    policy.execute(work, options).catch((error) => ended.push(`${call} ${error.code}`));
  };
  return { begun, ended, start, end: () => open?.() };
}

describe('whoever waits, and whose deadline has passed while the event loop was blocked,', () => {
  it('is not given a place that becomes free: who comes behind is', async () => {
    const { begun, ended, start, end } = setUp(bulkhead({ limit: 1, queueLimit: 3, ...time }));
    start(1);
    start(2, 80);
    start(3);
    clock.stall(200);
    end();
    await clock.settle();
    expect([begun, ended]).toEqual([['1 at 0', '3 at 200'], ['2 DEADLINE_EXCEEDED']]);
  });

  it('gives the place back when nobody comes behind', async () => {
    const walls = bulkhead({ limit: 1, queueLimit: 3, ...time });
    const { start, end } = setUp(walls);
    start(1);
    start(2, 80);
    clock.stall(200);
    end();
    await clock.settle();
    expect([walls.running, walls.waiting]).toEqual([0, 0]);
  });

  it('takes no token: who comes behind has it', async () => {
    const limiter = rateLimiter({ perSecond: 10, burst: 1, wait: { maxWaitMs: 10_000 }, ...time });
    const { begun, ended, start } = setUp(limiter);
    start(1);
    start(2, 150);
    start(3);
    clock.stall(160);
    await clock.advance(0);
    expect([begun, ended]).toEqual([['1 at 0', '3 at 160'], ['2 DEADLINE_EXCEEDED']]);
  });
});

describe('a refusal by a rate limiter that lets some wait', () => {
  it('says for how long to stay away, to the last digit', async () => {
    for (const perSecond of [3, 6, 7, 9, 11, 13, 17, 23, 29]) {
      for (const maxWaitMs of [1, 7, 50, 90]) {
        const limiter = rateLimiter({ perSecond, burst: 1, wait: { maxWaitMs }, ...time });
        const policy = compose(retry({ maxRetries: 1, backoff: { delayMs: () => 0 }, ...time }), limiter);
        const calls = Promise.all([policy.execute(() => 1), policy.execute(() => 2)]);
        await clock.advance(10_000);
        await expect(calls).resolves.toEqual([1, 2]);
      }
    }
  });
});
