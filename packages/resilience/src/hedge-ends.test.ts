import { describe, expect, it } from 'vitest';
import { hedge } from './hedge.ts';
import { compose } from './policy.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

const clock = new VirtualClock();
const time = { clock, timers: clock };
const hung = () => new Promise<never>(() => {});

describe('a hedge whose call ends before another try may begin', () => {
  it('sets no alarm for that try, which would keep the process alive', async () => {
    const policy = compose(timeout({ ms: 20, ...time }), hedge({ delayMs: 3_000, ...time }));
    const call = expect(policy.execute(hung)).rejects.toThrow("20 ms of the timeout 'timeout'");
    await clock.advance(300);
    await call;
    expect(clock.pending()).toBe(0);
  });
});

describe('several tries of a hedge that end together', () => {
  it('say that the caller has aborted, when he has', async () => {
    const controller = new AbortController();
    const policy = compose(hedge({ delayMs: 10, ...time }), timeout({ ms: 1_000, ...time }));
    const call = policy.execute(hung, { signal: controller.signal });
    const end = expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await clock.advance(20);
    controller.abort('enough');
    await clock.advance(0);
    await end;
  });

  it('say that the deadline of the call has passed, when it has', async () => {
    const policy = compose(hedge({ delayMs: 10, ...time }), timeout({ ms: 1_000, ...time }));
    const call = policy.execute(hung, { deadline: clock.now() + 50 });
    const end = expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await clock.advance(50);
    await end;
  });

  it('keep what each failed with, when the caller still waits', async () => {
    const policy = compose(hedge({ delayMs: 10, ...time }), timeout({ ms: 30, ...time }));
    const end = expect(policy.execute(hung)).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED', made: 2 });
    await clock.advance(100);
    await end;
  });
});
