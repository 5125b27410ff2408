import { describe, expect, it } from 'vitest';
import { constantBackoff, exponentialBackoff } from './backoff.ts';
import type { PolicyContext } from './call.ts';
import { BreakerOpenError, InvalidOptionsError, RefusedError, RetriesExhaustedError } from './errors.ts';
import { Registry } from './metrics/registry.ts';
import { compose } from './policy.ts';
import { type RetryEvents, retry } from './retry.ts';
import type { RetryOptions, RetryVerdict } from './retry-options.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const tenMs = constantBackoff({ delayMs: 10 });

function setUp(options: RetryOptions = {}) {
  const clock = new VirtualClock();
  const policy = retry({ maxRetries: 3, backoff: tenMs, clock, timers: clock, ...options });
  return { clock, policy };
}

/** Work that fails with each of the errors in turn, and then succeeds. */
function failing(...errors: readonly unknown[]) {
  const seen: PolicyContext[] = [];
  const work = async (context: PolicyContext): Promise<string> => {
    seen.push(context);
    if (seen.length <= errors.length) throw errors[seen.length - 1];
    return 'done';
  };
  return { work, seen };
}

/** Lets a call run for so long, and tells how it ended. */
async function outcomeOf(call: Promise<unknown>, clock: VirtualClock, forMs = 60_000): Promise<unknown> {
  let outcome: unknown = 'pending';
  call.then(
    (value) => {
      outcome = { value };
    },
    (error: unknown) => {
      outcome = { error };
    },
  );
  await clock.advance(forMs);
  return outcome;
}

describe('retry', () => {
  it('does not touch a call that succeeds', async () => {
    const { clock, policy } = setUp();
    const { work, seen } = failing();
    expect(await outcomeOf(policy.execute(work), clock, 0)).toEqual({ value: 'done' });
    expect(seen).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  it('tries again after the wait of the backoff, and says which try it is', async () => {
    const { clock, policy } = setUp({ backoff: exponentialBackoff({ initialMs: 100, maxMs: 1_000, jitter: 'none' }) });
    const { work, seen } = failing('a', 'b');
    const call = policy.execute(work);
    await clock.advance(99);
    expect(seen).toHaveLength(1);
    await clock.advance(1);
    expect(seen).toHaveLength(2);
    await clock.advance(199);
    expect(seen).toHaveLength(2);
    await clock.advance(1);
    await expect(call).resolves.toBe('done');
    expect(seen.map(({ attempt }) => attempt)).toEqual([0, 1, 2]);
  });

  it('tries work again that throws at once', async () => {
    const { clock, policy } = setUp();
    let tries = 0;
    const call = policy.execute(() => {
      if (++tries < 3) throw new Error('no');
      return 'done';
    });
    expect(await outcomeOf(call, clock)).toEqual({ value: 'done' });
  });

  it('gives each wait of the backoff to the next one', async () => {
    const asked: unknown[] = [];
    const backoff = {
      delayMs(attempt: number, previousMs: number | undefined): number {
        asked.push([attempt, previousMs]);
        return 10 * (attempt + 1);
      },
    };
    const { clock, policy } = setUp({ backoff });
    await outcomeOf(policy.execute(failing('a', 'b', 'c').work), clock);
    expect(asked).toEqual([
      [0, undefined],
      [1, 10],
      [2, 20],
    ]);
  });

  it('keeps what every try failed with, in order, when none is left', async () => {
    const { clock, policy } = setUp({ maxRetries: 2 });
    const errors = [new Error('first'), 'second', undefined];
    const outcome = await outcomeOf(policy.execute(failing(...errors, 'never').work), clock);
    const error = (outcome as { error: RetriesExhaustedError }).error;
    expect(error).toBeInstanceOf(RetriesExhaustedError);
    expect(error.attempts).toEqual(errors);
    expect(error.cause).toBe(errors.at(-1));
  });

  it('gives the error itself when there was only one try', async () => {
    const { clock, policy } = setUp({ maxRetries: 0 });
    const error = new Error('only');
    expect(await outcomeOf(policy.execute(failing(error).work), clock)).toEqual({ error });
  });

  it('gives the error itself when that is not worth another try, after however many', async () => {
    const classify = (error: unknown): RetryVerdict => (error === 'not found' ? 'stop' : 'retry');
    const { clock, policy } = setUp({ classify });
    expect(await outcomeOf(policy.execute(failing('not found').work), clock)).toEqual({ error: 'not found' });
    expect(await outcomeOf(policy.execute(failing('busy', 'not found').work), clock)).toEqual({ error: 'not found' });
  });

  it('has defaults that spread, end, and stay below ten seconds', async () => {
    const clock = new VirtualClock();
    const delays: number[] = [];
    const policy = retry({ clock, timers: clock, random: () => 0.5 });
    policy.on('retry-scheduled', ({ delayMs }) => delays.push(delayMs));
    const outcome = await outcomeOf(policy.execute(failing('a', 'b', 'c', 'd', 'e').work), clock);
    expect(outcome).toMatchObject({ error: { code: 'RETRIES_EXHAUSTED' } });
    expect(delays).toEqual([100, 200, 400]);
  });

  it('keeps only the newest thousand failures of an endless row', async () => {
    const classify = (error: unknown): RetryVerdict => (error === 1_500 ? 'stop' : 'retry');
    const backoff = constantBackoff({ delayMs: 0 });
    const endless = setUp({ maxRetries: Infinity, backoff, classify, deadlineMs: 1e6 });
    let tries = 0;
    const work = () => Promise.reject(tries++);
    expect(await outcomeOf(endless.policy.execute(work), endless.clock)).toEqual({ error: 1_500 });
    tries = 0;
    const many = setUp({ maxRetries: 1_200, backoff });
    const outcome = await outcomeOf(many.policy.execute(work), many.clock);
    const { attempts } = (outcome as { error: RetriesExhaustedError }).error;
    expect(attempts).toHaveLength(1_000);
    expect(attempts.at(-1)).toBe(1_200);
  });

  it('works inside another retry, each counting its own tries', async () => {
    const { clock, policy: inner } = setUp({ maxRetries: 1, name: 'inner' });
    const outer = retry({ maxRetries: 1, backoff: tenMs, clock, timers: clock, name: 'outer' });
    const { work, seen } = failing('a', 'b', 'c');
    expect(await outcomeOf(compose(outer, inner).execute(work), clock)).toEqual({ value: 'done' });
    expect(seen.map(({ attempt }) => attempt)).toEqual([0, 1, 0, 1]);
  });
});

describe('what a retry does not try again', () => {
  it('is a cancellation, unless a classifier says otherwise', async () => {
    const abortError = new DOMException('stop', 'AbortError');
    const { clock, policy } = setUp();
    expect(await outcomeOf(policy.execute(failing(abortError).work), clock)).toEqual({ error: abortError });
    const stubborn = setUp({ classify: () => 'retry' });
    expect(await outcomeOf(stubborn.policy.execute(failing(abortError).work), stubborn.clock)).toEqual({
      value: 'done',
    });
  });

  it('is a refusal by a policy that does not know when asking again may help', async () => {
    const { clock, policy } = setUp();
    const refusal = new RefusedError('FULL', 'full', { policy: 'bulkhead' });
    expect(await outcomeOf(policy.execute(failing(refusal).work), clock)).toEqual({ error: refusal });
  });

  it('is a refusal that lasts longer than the deadline', async () => {
    const { clock, policy } = setUp({ deadlineMs: 1_000 });
    const refusal = refusedFor(1_000);
    const { work, seen } = failing(refusal);
    expect(await outcomeOf(policy.execute(work), clock)).toEqual({ error: refusal });
    expect(seen).toHaveLength(1);
  });

  it('is not a refusal that ends before the deadline: it waits as long as that says', async () => {
    const { clock, policy } = setUp({ deadlineMs: 1_000 });
    const { work, seen } = failing(refusedFor(900));
    const call = policy.execute(work);
    await clock.advance(899);
    expect(seen).toHaveLength(1);
    expect(await outcomeOf(call, clock)).toEqual({ value: 'done' });
  });
});

describe('a wait that the error asks for', () => {
  it('is kept when it is longer than the backoff, and the backoff when that is', async () => {
    const delays: number[] = [];
    const { clock, policy } = setUp({ retryAfterMs: (error) => error as number });
    policy.on('retry-scheduled', ({ delayMs }) => delays.push(delayMs));
    await outcomeOf(policy.execute(failing(500, 2, undefined).work), clock);
    expect(delays).toEqual([500, 10, 10]);
  });

  it('does not become what the backoff goes on from', async () => {
    const previous: (number | undefined)[] = [];
    const backoff = {
      delayMs(_attempt: number, previousMs: number | undefined): number {
        previous.push(previousMs);
        return 10;
      },
    };
    const { clock, policy } = setUp({ backoff, retryAfterMs: () => 500 });
    await outcomeOf(policy.execute(failing('a', 'b').work), clock);
    expect(previous).toEqual([undefined, 10]);
  });
});

describe('a retry budget', () => {
  it('is asked for every retry, and ends the call when it has nothing left', async () => {
    let tokens = 1;
    const budget = { tryTake: () => tokens-- > 0 };
    const { clock, policy } = setUp({ budget });
    const outcome = await outcomeOf(policy.execute(failing('a', 'b', 'c').work), clock);
    expect(outcome).toMatchObject({ error: { attempts: ['a', 'b'] } });
    const single = await outcomeOf(policy.execute(failing('a').work), clock);
    expect(single).toMatchObject({ error: { reason: 'out-of-budget', attempts: ['a'], cause: 'a' } });
  });

  it('is not asked for a retry that would not be made anyway', async () => {
    let asked = 0;
    const budget = { tryTake: () => ++asked > 0 };
    const { clock, policy } = setUp({ budget, maxRetries: 0 });
    await outcomeOf(policy.execute(failing('a').work), clock);
    expect(asked).toBe(0);
  });

  it('is told of every success', async () => {
    let succeeded = 0;
    const budget = { tryTake: () => true, succeeded: () => succeeded++ };
    const { clock, policy } = setUp({ budget });
    await outcomeOf(policy.execute(failing().work), clock);
    await outcomeOf(policy.execute(failing('a').work), clock);
    expect(succeeded).toBe(2);
  });
});

describe('what a retry tells', () => {
  it('is every retry that it has decided on', async () => {
    const { clock, policy } = setUp({ name: 'orders' });
    const events: RetryEvents['retry-scheduled'][] = [];
    const unsubscribe = policy.on('retry-scheduled', (event) => events.push(event));
    await outcomeOf(policy.execute(failing('a', 'b').work), clock);
    unsubscribe();
    await outcomeOf(policy.execute(failing('c').work), clock);
    expect(policy.name).toBe('orders');
    expect(events).toEqual([
      { retry: 'orders', attempt: 1, delayMs: 10, error: 'a' },
      { retry: 'orders', attempt: 2, delayMs: 10, error: 'b' },
    ]);
  });

  it('is counted by how each call ended', async () => {
    const registry = new Registry();
    const classify = (error: unknown): RetryVerdict => (error === 'stop' ? 'stop' : 'retry');
    const tokens = [true, true, true, true, false];
    const budget = { tryTake: () => tokens.shift() ?? true };
    const { clock, policy } = setUp({ registry, name: 'orders', classify, budget, deadlineMs: 100 });
    const calls = [[], ['a'], ['stop'], ['a', 'b', 'c', 'd'], ['a']];
    for (const errors of calls) await outcomeOf(policy.execute(failing(...errors).work), clock);
    const slow = () => new Promise((_, reject) => clock.set(99, () => reject('slow'), { background: false }));
    await outcomeOf(policy.execute(slow), clock);

    const { metrics } = registry.read();
    const ended = metrics.filter(({ name }) => name === 'cryo_retry_calls_total');
    expect(ended.map((metric) => [metric.labels.outcome, 'value' in metric && metric.value])).toEqual([
      ['succeeded', 1],
      ['recovered', 1],
      ['stopped', 1],
      ['out-of-retries', 1],
      ['out-of-time', 1],
      ['out-of-budget', 1],
    ]);
    const retries = { name: 'cryo_retry_retries_total', labels: { retry: 'orders' }, value: 4 };
    expect(metrics).toContainEqual(expect.objectContaining(retries));
  });
});

describe('the options of a retry', () => {
  it('are refused together when several are wrong', () => {
    const wrong = { maxRetries: -1, deadlineMs: 0, backoff: {}, budget: {}, classify: 7, retries: 3 };
    const make = () => retry(wrong as unknown as RetryOptions); // what a caller without types may do
    expect(make).toThrow(InvalidOptionsError);
    for (const path of Object.keys(wrong)) expect(make).toThrow(new RegExp(`${path} is `));
  });

  it('refuse numbers that mean nothing', () => {
    for (const maxRetries of [Number.NaN, 1.5]) expect(() => retry({ maxRetries })).toThrow('maxRetries');
    for (const deadlineMs of [Number.NaN, -5]) expect(() => retry({ deadlineMs })).toThrow('deadlineMs');
  });
});

function refusedFor(retryAfterMs: number): BreakerOpenError {
  return new BreakerOpenError({ breaker: 'site', state: 'open', retryAfterMs });
}
