import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { constantBackoff, exponentialBackoff } from './backoff.ts';
import { RetriesExhaustedError } from './errors.ts';
import { type Retry, retry } from './retry.ts';
import type { RetryOptions } from './retry-options.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

/** Every sentence is a misbehaviour seen in some published retry, and says what this one does instead. */
function setUp(options: RetryOptions = {}) {
  const clock = new VirtualClock();
  const policy = retry({ backoff: constantBackoff({ delayMs: 10 }), clock, timers: clock, ...options });
  return { clock, policy };
}

/** Calls work that fails for so many tries; answers the outcome and how often it was tried. */
async function call(policy: Retry, clock: VirtualClock, failures: number) {
  let tries = 0;
  const outcome = policy
    .execute(() => (++tries <= failures ? Promise.reject(`try ${tries}`) : 'done'))
    .catch((error: unknown) => error);
  await clock.advance(3_600_000);
  return { outcome: await outcome, tries };
}

describe('a retry', () => {
  it('left to its defaults neither tries for ever nor without a wait', async () => {
    const clock = new VirtualClock();
    const delays: number[] = [];
    const policy = retry({ clock, timers: clock, random: () => 0.999 });
    policy.on('retry-scheduled', ({ delayMs }) => delays.push(delayMs));
    const { outcome, tries } = await call(policy, clock, Infinity);
    expect(outcome).toBeInstanceOf(RetriesExhaustedError);
    expect(tries).toBe(4);
    expect(Math.min(...delays)).toBeGreaterThan(100);
  });

  it('told of no wait at all still lets the event loop turn between tries', async () => {
    const clock = new VirtualClock();
    const policy = retry({ maxRetries: Infinity, backoff: constantBackoff({ delayMs: 0 }), clock, timers: clock });
    let tries = 0;
    const controller = new AbortController();
    const running = policy.execute(() => Promise.reject(++tries), { signal: controller.signal });
    await clock.settle();
    expect(tries).toBe(1);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('shared by many calls counts the tries of each on its own', async () => {
    const { clock, policy } = setUp({ maxRetries: 2 });
    const outcomes = [1, 2, 3].map(() => {
      let tries = 0;
      return policy.execute(() => (++tries <= 2 ? Promise.reject('no') : tries));
    });
    await clock.advance(100);
    expect(await Promise.all(outcomes)).toEqual([3, 3, 3]);
  });

  it('used again after a call that failed begins at the first wait', async () => {
    const delays: number[] = [];
    const backoff = exponentialBackoff({ initialMs: 10, maxMs: 1_000, jitter: 'none' });
    const { clock, policy } = setUp({ maxRetries: 3, backoff });
    policy.on('retry-scheduled', ({ delayMs }) => delays.push(delayMs));
    await call(policy, clock, Infinity);
    await call(policy, clock, 1);
    expect(delays).toEqual([10, 20, 40, 10]);
  });

  it('that waits longer than the platform can does not try again at once', async () => {
    const controller = new AbortController();
    let tries = 0;
    const running = retry({ backoff: constantBackoff({ delayMs: 2 ** 31 }) }).execute(() => Promise.reject(++tries), {
      signal: controller.signal,
    });
    const settled = expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
    expect(tries).toBe(1);
    controller.abort();
    await settled;
  });

  it('leaves no listener on a signal that outlives thousands of retried calls', async () => {
    const { clock, policy } = setUp();
    const { signal } = new AbortController();
    for (let round = 0; round < 500; round++) {
      let tries = 0;
      const running = policy.execute(() => (++tries === 1 ? Promise.reject('once') : 'done'), { signal });
      await clock.advance(10);
      await running;
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('does not try again what succeeded while the caller aborted', async () => {
    const { clock, policy } = setUp();
    const controller = new AbortController();
    let tries = 0;
    const running = policy.execute(
      () => {
        tries++;
        controller.abort();
        return 'committed';
      },
      { signal: controller.signal },
    );
    await clock.advance(1_000);
    await expect(running).resolves.toBe('committed');
    expect(tries).toBe(1);
  });
});
