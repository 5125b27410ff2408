import { describe, expect, it } from 'vitest';
import type { PolicyContext } from './call.ts';
import { hedge } from './hedge.ts';
import { compose } from './policy.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

const clock = new VirtualClock();
const time = { clock, timers: clock };
function thrown(attempt: number): never {
  throw new Error(`try ${attempt}`);
}

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

describe('a hedge whose caller has aborted before the work ended', () => {
  it('shows an aborted signal also to who reads it for the first time after that', async () => {
    const controller = new AbortController();
    let kept: PolicyContext | undefined;
    const call = hedge({ delayMs: 100, ...time }).execute(
      async (context) => {
        kept = context;
        await sleep(10, clock, undefined);
        return 'done';
      },
      { signal: controller.signal },
    );
    controller.abort();
    await clock.advance(10);
    await expect(call).resolves.toBe('done');
    expect(kept?.signal.aborted).toBe(true);
  });
});

describe('a hedge, or a timeout, whose caller has a signal that cannot be asked any more', () => {
  it.each([
    ['hedge', hedge({ delayMs: 100, ...time })],
    ['timeout', timeout({ ms: 100, ...time })],
  ])('ends its call all the same: %s', async (_name, policy) => {
    let looks = 0;
    const signal = Object.defineProperty(new AbortController().signal, 'aborted', {
      get() {
        if (looks++ === 0) return false;
        throw new Error('unreadable');
      },
    });
    await expect(policy.execute(() => 7, { signal })).resolves.toBe(7);
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

  it('keep what each failed with, though the deadline has passed meanwhile', async () => {
    const work = ({ attempt }: PolicyContext) =>
      sleep(attempt === 0 ? 30 : 40, clock, undefined).then(() => thrown(attempt));
    const call = hedge({ delayMs: 10, ...time }).execute(work, { deadline: clock.now() + 45 });
    const end = expect(call).rejects.toMatchObject({ attempts: [{ message: 'try 0' }, { message: 'try 1' }] });
    await clock.advance(60);
    await end;
  });

  it('keep what each failed with, when the caller still waits', async () => {
    const policy = compose(hedge({ delayMs: 10, ...time }), timeout({ ms: 30, ...time }));
    const end = expect(policy.execute(hung)).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED', made: 2 });
    await clock.advance(100);
    await end;
  });
});
