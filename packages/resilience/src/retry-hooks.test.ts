import { describe, expect, it } from 'vitest';
import { constantBackoff } from './backoff.ts';
import { retry } from './retry.ts';
import type { RetryOptions } from './retry-options.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

/** Runs work that fails once through a retry with broken parts, and tells how it ended and what was reported. */
async function runWith(options: RetryOptions) {
  const clock = new VirtualClock();
  const faults: string[] = [];
  const delays: number[] = [];
  const policy = retry({
    ...{ backoff: constantBackoff({ delayMs: 10 }), clock, timers: clock },
    ...options,
    listenerFailed: ({ event }) => faults.push(event),
  });
  policy.on('retry-scheduled', ({ delayMs }) => delays.push(delayMs));
  let tries = 0;
  const call = policy
    .execute(() => (++tries === 1 ? Promise.reject('once') : 'done'))
    .then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
  await clock.advance(60_000);
  return { outcome: await call, faults, delays };
}

function broken(): never {
  throw new Error('broken');
}

describe('a part of the user that is broken never changes a result', () => {
  it('when the classifier throws, the default decides', async () => {
    const { outcome, faults } = await runWith({ classify: broken });
    expect(outcome).toEqual({ value: 'done' });
    expect(faults).toEqual(['classify']);
  });

  it('when the classifier answers something else, the default decides', async () => {
    const classify = (() => true) as unknown as () => 'retry'; // what a caller without types may do
    const { outcome, faults } = await runWith({ classify });
    expect(outcome).toEqual({ value: 'done' });
    expect(faults).toEqual(['classify']);
  });

  it('when the backoff throws or answers no duration, it waits a second', async () => {
    for (const delayMs of [broken, () => Number.NaN, () => -1, () => Infinity]) {
      const { outcome, faults, delays } = await runWith({ backoff: { delayMs } });
      expect(outcome).toEqual({ value: 'done' });
      expect(faults).toEqual(['backoff']);
      expect(delays).toEqual([1_000]);
    }
  });

  it('when retryAfterMs throws or answers no duration, the backoff decides alone', async () => {
    for (const retryAfterMs of [broken, () => Number.NaN, () => -5]) {
      const { outcome, faults, delays } = await runWith({ retryAfterMs });
      expect(outcome).toEqual({ value: 'done' });
      expect(faults).toEqual(['retryAfterMs']);
      expect(delays).toEqual([10]);
    }
  });

  it('when the budget throws, there is no retry and the caller gets the error of the work', async () => {
    const { outcome, faults } = await runWith({ budget: { tryTake: broken } });
    expect(outcome).toMatchObject({ error: { reason: 'out-of-budget', cause: 'once', attempts: ['once'] } });
    expect(faults).toEqual(['budget.tryTake']);
  });

  it('when the budget throws on a success, the caller gets the result', async () => {
    const { outcome, faults } = await runWith({ budget: { tryTake: () => true, succeeded: broken } });
    expect(outcome).toEqual({ value: 'done' });
    expect(faults).toEqual(['budget.succeeded']);
  });

  it('when a listener throws, the retry goes on', async () => {
    const clock = new VirtualClock();
    const faults: string[] = [];
    const backoff = constantBackoff({ delayMs: 10 });
    const policy = retry({ backoff, clock, timers: clock, listenerFailed: ({ event }) => faults.push(event) });
    policy.on('retry-scheduled', broken);
    let tries = 0;
    const call = policy.execute(() => (++tries === 1 ? Promise.reject('once') : 'done'));
    await clock.advance(10);
    await expect(call).resolves.toBe('done');
    expect(faults).toEqual(['retry-scheduled']);
  });
});
