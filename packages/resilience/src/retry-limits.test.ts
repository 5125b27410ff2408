import { describe, expect, it } from 'vitest';
import { constantBackoff } from './backoff.ts';
import type { PolicyContext } from './call.ts';
import { AbortedError, DeadlineExceededError } from './errors.ts';
import { compose } from './policy.ts';
import { retry } from './retry.ts';
import type { RetryOptions } from './retry-options.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

function setUp(options: RetryOptions = {}) {
  const clock = new VirtualClock({ startMs: 1_000 });
  const backoff = constantBackoff({ delayMs: 100 });
  const policy = retry({ maxRetries: 9, backoff, clock, timers: clock, ...options });
  const tries: PolicyContext[] = [];
  const fail = (context: PolicyContext): Promise<never> => {
    tries.push(context);
    return Promise.reject(new Error(`try ${tries.length}`));
  };
  return { clock, policy, tries, fail };
}

describe('an abort by the caller', () => {
  it('cuts the wait at once and starts nothing further', async () => {
    const { clock, policy, tries, fail } = setUp();
    const controller = new AbortController();
    const call = policy.execute(fail, { signal: controller.signal });
    await clock.advance(50);
    controller.abort('enough');
    await expect(call).rejects.toBeInstanceOf(AbortedError);
    await expect(call).rejects.toMatchObject({ cause: 'enough' });
    expect(clock.now()).toBe(1_050);
    expect(clock.pending()).toBe(0);
    await clock.advance(10_000);
    expect(tries).toHaveLength(1);
  });

  it('before the first try runs no work', async () => {
    const { policy, tries, fail } = setUp();
    await expect(policy.execute(fail, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortedError);
    expect(tries).toHaveLength(0);
  });

  it('during a try gives what the work made of it, and tries nothing again', async () => {
    const { clock, policy, tries } = setUp({ classify: () => 'retry' });
    const controller = new AbortController();
    const call = policy.execute(
      (context) => {
        tries.push(context);
        return new Promise((_, reject) => context.signal.addEventListener('abort', () => reject('rolled back')));
      },
      { signal: controller.signal },
    );
    controller.abort();
    await expect(call).rejects.toBe('rolled back');
    await clock.advance(10_000);
    expect(tries).toHaveLength(1);
  });

  it('never throws away a result, even one that comes after the abort', async () => {
    const { clock, policy } = setUp();
    const controller = new AbortController();
    const call = policy.execute(
      () => new Promise((resolve) => clock.set(200, () => resolve('committed'), { background: false })),
      { signal: controller.signal },
    );
    await clock.advance(100);
    controller.abort();
    await clock.advance(100);
    await expect(call).resolves.toBe('committed');
  });

  it('reaches each try through one signal, the caller own', async () => {
    const { clock, policy, tries, fail } = setUp({ maxRetries: 2 });
    const { signal } = new AbortController();
    const settled = expect(policy.execute(fail, { signal })).rejects.toThrow();
    await clock.advance(1_000);
    await settled;
    expect(tries.map((context) => context.signal === signal)).toEqual([true, true, true]);
  });
});

describe('the total deadline', () => {
  it('is what work sees, and the earlier of the two where the caller has one as well', async () => {
    const { clock, policy, tries } = setUp({ deadlineMs: 500 });
    const look = (context: PolicyContext) => tries.push(context);
    await policy.execute(look);
    await policy.execute(look, { deadline: 1_200 });
    await policy.execute(look, { deadline: 9_000 });
    expect(clock.now()).toBe(1_000);
    expect(tries.map(({ deadline }) => deadline)).toEqual([1_500, 1_200, 1_500]);
  });

  it('allows no wait that would last until then', async () => {
    const { clock, policy, tries, fail } = setUp({ deadlineMs: 200 });
    const settled = expect(policy.execute(fail)).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED' });
    await clock.advance(100);
    await settled;
    expect(tries).toHaveLength(2);
    expect(clock.now()).toBe(1_100);
  });

  it('holds for the deadline of the caller too', async () => {
    const { clock, policy, tries, fail } = setUp();
    const settled = expect(policy.execute(fail, { deadline: 1_350 })).rejects.toThrow();
    await clock.advance(1_000);
    await settled;
    expect(tries).toHaveLength(4);
  });

  it('starts no try when the event loop was blocked until after it', async () => {
    const { clock, policy, tries, fail } = setUp({ deadlineMs: 300 });
    const first = policy.execute(fail);
    const settled = expect(first).rejects.toThrow('try 1');
    await clock.advance(50);
    clock.stall(400);
    await clock.advance(0);
    await settled;
    expect(tries).toHaveLength(1);
  });

  it('keeps every failure when the event loop is blocked after several tries', async () => {
    const { clock, policy, tries, fail } = setUp({ deadlineMs: 300 });
    const settled = expect(policy.execute(fail)).rejects.toMatchObject({
      code: 'RETRIES_EXHAUSTED',
      attempts: [{ message: 'try 1' }, { message: 'try 2' }],
    });
    await clock.advance(150);
    clock.stall(400);
    await clock.advance(0);
    await settled;
    expect(tries).toHaveLength(2);
  });

  it('that has passed before the first try runs no work', async () => {
    const { policy, tries, fail } = setUp();
    await expect(policy.execute(fail, { deadline: 1_000 })).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(tries).toHaveLength(0);
  });

  it('does not throw away a result that comes after it', async () => {
    const { clock, policy } = setUp({ deadlineMs: 100 });
    const call = policy.execute(
      () => new Promise((resolve) => clock.set(300, () => resolve('late'), { background: false })),
    );
    await clock.advance(300);
    await expect(call).resolves.toBe('late');
  });

  it('begins anew for each try of a retry around it', async () => {
    const { clock, policy: inner, tries, fail } = setUp({ deadlineMs: 150, maxRetries: 1 });
    const outer = retry({ maxRetries: 1, backoff: constantBackoff({ delayMs: 100 }), clock, timers: clock });
    const settled = expect(compose(outer, inner).execute(fail, { deadline: 5_000 })).rejects.toThrow();
    await clock.advance(1_000);
    await settled;
    expect(tries.map(({ deadline }) => deadline)).toEqual([1_150, 1_150, 1_350, 1_350]);
  });

  it('costs no reading of the clock when there is none', async () => {
    let readings = 0;
    const clock = { now: () => ++readings, wallNow: () => 0 };
    await retry({ clock }).execute(() => 'done');
    await retry({ clock }).execute(() => 'done', {});
    expect(readings).toBe(0);
  });
});
