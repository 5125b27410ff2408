import { describe, expect, it } from 'vitest';
import { constantBackoff } from './backoff.ts';
import { RetriesExhaustedError } from './errors.ts';
import { Registry } from './metrics/registry.ts';
import { type RetryEvents, retry } from './retry.ts';
import type { RetryOptions } from './retry-options.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const EMPTY = { tryTake: () => false };

/** How a call ends whose every try fails, with what was told and counted of it. */
async function exhaust(options: RetryOptions = {}) {
  const clock = new VirtualClock();
  const registry = new Registry();
  const told: RetryEvents['retries-exhausted'][] = [];
  const policy = retry({ backoff: constantBackoff({ delayMs: 100 }), clock, timers: clock, registry, ...options });
  policy.on('retries-exhausted', (event) => told.push(event));
  let tries = 0;
  const call = policy
    .execute(() => Promise.reject(new Error(`try ${++tries}`)))
    .catch((error: unknown) => error as Error & { reason?: unknown; cause?: unknown; attempts?: unknown });
  await clock.advance(1_000_000);
  const counted = registry
    .read()
    .metrics.filter((metric) => metric.kind === 'counter' && metric.value > 0 && metric.labels.outcome !== undefined)
    .map(({ labels }) => labels.outcome);
  return { error: await call, told, counted };
}

describe('the reason why there was no further try', () => {
  it('is that the retries were used up', async () => {
    const { error, told, counted } = await exhaust({ maxRetries: 2 });
    expect(error).toBeInstanceOf(RetriesExhaustedError);
    expect(error).toMatchObject({ reason: 'out-of-retries', made: 3, message: 'All 3 attempts failed' });
    expect(error).toMatchObject({ attempts: [{ message: 'try 1' }, { message: 'try 2' }, { message: 'try 3' }] });
    expect(told).toEqual([{ retry: 'retry', attempts: 3, reason: 'out-of-retries', error }]);
    expect(counted).toEqual(['out-of-retries']);
  });

  it('is that the next wait would have lasted beyond the deadline', async () => {
    const { error, told, counted } = await exhaust({ maxRetries: 9, deadlineMs: 150 });
    expect(error).toMatchObject({ reason: 'out-of-time', made: 2 });
    expect(error.message).toBe('All 2 attempts failed, and there was no other: out of time');
    expect(told).toMatchObject([{ reason: 'out-of-time' }]);
    expect(counted).toEqual(['out-of-time']);
  });

  it('is an empty budget, also after a single try', async () => {
    const { error, told, counted } = await exhaust({ budget: EMPTY });
    expect(error).toBeInstanceOf(RetriesExhaustedError);
    expect(error).toMatchObject({ reason: 'out-of-budget', made: 1, cause: { message: 'try 1' } });
    expect(told).toMatchObject([{ attempts: 1, reason: 'out-of-budget' }]);
    expect(counted).toEqual(['out-of-budget']);
  });

  it('is none where the error was not worth another try, and the caller gets that very error', async () => {
    const { error, told, counted } = await exhaust({ budget: EMPTY, classify: () => 'stop' });
    expect(error).toMatchObject({ name: 'Error', message: 'try 1' });
    expect(told).toEqual([]);
    expect(counted).toEqual(['stopped']);
  });

  it('is none where there was only ever to be one try', async () => {
    const { error, told } = await exhaust({ maxRetries: 0, budget: EMPTY });
    expect(error).toMatchObject({ name: 'Error', message: 'try 1' });
    expect(told).toEqual([]);
  });

  it('does not change with a listener that throws when it is told', async () => {
    const clock = new VirtualClock();
    const faults: string[] = [];
    const policy = retry({ budget: EMPTY, clock, timers: clock, listenerFailed: ({ event }) => faults.push(event) });
    policy.on('retries-exhausted', () => {
      throw new Error('the listener is broken');
    });
    await expect(policy.execute(() => Promise.reject('down'))).rejects.toMatchObject({ reason: 'out-of-budget' });
    expect(faults).toEqual(['retries-exhausted']);
  });

  it('counts every try of a row that is too long to be kept', async () => {
    const { error } = await exhaust({ maxRetries: 1_500, backoff: constantBackoff({ delayMs: 1 }) });
    expect(error).toMatchObject({ made: 1_501, message: 'All 1501 attempts failed' });
    expect(error.attempts).toHaveLength(1_000);
  });

  it('of a retry inside of this one is told once, by that one', async () => {
    const inner = retry({ maxRetries: 0, budget: EMPTY, name: 'inner' });
    const outer = retry({ budget: EMPTY, classify: () => 'stop' });
    const told: unknown[] = [];
    outer.on('retries-exhausted', (event) => told.push(event));
    await expect(outer.execute(() => inner.execute(() => Promise.reject('down')))).rejects.toBe('down');
    await expect(
      outer.execute(() => retry({ budget: EMPTY }).execute(() => Promise.reject('down'))),
    ).rejects.toBeInstanceOf(RetriesExhaustedError);
    expect(told).toEqual([]);
  });
});
