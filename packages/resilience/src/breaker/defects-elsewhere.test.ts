import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { RefusedError } from '../errors.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import type { CircuitBreaker } from './contract.ts';
import type { CircuitBreakerOptions } from './options.ts';
import type { Permit } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

/** Every sentence is a misbehaviour seen in some published breaker, and says what this one does instead. */
function setUp(options: Partial<CircuitBreakerOptions> = {}) {
  const clock = new VirtualClock();
  const breaker = circuitBreaker({
    ...{ name: 'inventory', trip: consecutiveFailures(3), openForMs: 1_000, clock, halfOpen: { successes: 1 } },
    ...options,
  });
  return { clock, breaker };
}

/** A breaker about to probe, and a permit from the closed period before. */
async function setUpWithEarlyCall(options: Partial<CircuitBreakerOptions> = {}) {
  const { clock, breaker } = setUp(options);
  const early = breaker.tryAcquire() as Permit;
  breaker.trip('down');
  await clock.advance(1_000);
  return { clock, breaker, early };
}

const failing = (breaker: CircuitBreaker, error: unknown = 'down') =>
  expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error);

describe('late results', () => {
  it('a failure from before the opening does not open a half-open breaker again, nor lengthen its open time', async () => {
    const { breaker, early } = await setUpWithEarlyCall();
    const probe = breaker.tryAcquire() as Permit;
    expect(breaker.settle(early, 'failure')).toBe('stale');
    expect(breaker.state).toMatchObject({ name: 'half-open', after: { openings: 1 } });
    expect(breaker.settle(probe, 'success')).toBe('counted');
    expect(breaker.state.name).toBe('closed');
  });

  it('a success from before the opening does not close a breaker that has sent no probe', async () => {
    const { breaker, early } = await setUpWithEarlyCall();
    breaker.probeNow();
    expect(breaker.settle(early, 'success')).toBe('stale');
    expect(breaker.state.name).toBe('half-open');
  });

  it('a neutral outcome from before the opening mints no extra probe', async () => {
    const { breaker, early } = await setUpWithEarlyCall();
    const probe = breaker.tryAcquire();
    expect(probe).toBeDefined();
    expect(breaker.settle(early, 'neutral')).toBe('stale');
    expect(breaker.tryAcquire()).toBeUndefined();
  });

  it('failures begun before an outage and ended after it do not open a healthy breaker', async () => {
    const { breaker } = setUp();
    const slow = [1, 2, 3].map(() => breaker.tryAcquire() as Permit);
    breaker.trip('down');
    breaker.reset();
    for (const permit of slow) expect(breaker.settle(permit, 'failure')).toBe('stale');
    expect(breaker.state.name).toBe('closed');
  });
});

describe('the half-open gate', () => {
  it('a thousand callers at the instant of recovery send one probe', async () => {
    const { breaker } = await setUpWithEarlyCall();
    const permits = Array.from({ length: 1_000 }, () => breaker.tryAcquire());
    expect(permits.filter((permit) => permit !== undefined)).toHaveLength(1);
  });

  it('callers beside the probe are refused at once: none is parked, and none is let loose when the probe succeeds', async () => {
    const { clock, breaker } = await setUpWithEarlyCall();
    let ran = 0;
    const probe = breaker.execute(() => new Promise<void>((resolve) => clock.set(10, resolve, { background: false })));
    const others = Array.from({ length: 100 }, () => breaker.execute(() => ran++));
    const outcomes = await Promise.allSettled(others);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    await clock.advance(10);
    await probe;
    expect(ran).toBe(0);
  });

  it('a probe that hangs for ever wedges nothing', async () => {
    const { clock, breaker } = await setUpWithEarlyCall();
    void breaker.execute(() => new Promise(() => {}));
    await clock.advance(30_000);
    await expect(breaker.execute(() => 'up')).resolves.toBe('up');
    expect(breaker.state.name).toBe('closed');
  });

  it('a probe whose permit is never settled wedges nothing', async () => {
    const { clock, breaker } = await setUpWithEarlyCall();
    breaker.tryAcquire();
    await clock.advance(30_000);
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('a probe whose error says nothing leaves it half-open with its place free: neither closed nor stuck', async () => {
    const { breaker } = await setUpWithEarlyCall({ judgeError: () => 'neutral' });
    await failing(breaker, 'not found');
    expect(breaker.state).toMatchObject({ name: 'half-open', successes: 0, leases: [] });
    await expect(breaker.execute(() => 'up')).resolves.toBe('up');
    expect(breaker.state.name).toBe('closed');
  });

  it('a probe that its caller cancels does not close it', async () => {
    const { breaker } = await setUpWithEarlyCall();
    const controller = new AbortController();
    const work = ({ signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const probe = breaker.execute(work, { signal: controller.signal });
    controller.abort();
    await expect(probe).rejects.toThrow();
    expect(breaker.state).toMatchObject({ name: 'half-open', leases: [] });
  });
});

describe('what counts', () => {
  it('refusals of its own do not dilute what it counts: after 500 of them it opens at the third failure', async () => {
    const { clock, breaker } = setUp();
    breaker.trip('down');
    for (let call = 0; call < 500; call++) expect(breaker.tryAcquire()).toBeUndefined();
    await clock.advance(1_000);
    await breaker.execute(() => 'up');
    for (let call = 0; call < 3; call++) await failing(breaker);
    expect(breaker.state.name).toBe('open');
  });

  it('refusals by another policy inside of it, such as a full bulkhead, do not open it', async () => {
    const { breaker } = setUp();
    const full = new RefusedError('FULL', 'full', { policy: 'bulkhead' });
    for (let call = 0; call < 20; call++) await failing(breaker, full);
    expect(breaker.state.name).toBe('closed');
  });

  it('callers who cancel do not open it', async () => {
    const { breaker } = setUp();
    for (let call = 0; call < 20; call++) {
      const controller = new AbortController();
      const work = () => {
        controller.abort();
        return Promise.reject(new Error('socket closed'));
      };
      await expect(breaker.execute(work, { signal: controller.signal })).rejects.toThrow('socket closed');
    }
    expect(breaker.state.name).toBe('closed');
  });

  it('closing forgets what was counted before', async () => {
    const { breaker } = setUp();
    for (let call = 0; call < 2; call++) await failing(breaker);
    breaker.reset();
    for (let call = 0; call < 2; call++) await failing(breaker);
    expect(breaker.state.name).toBe('closed');
  });

  it('one early failure does not open it', async () => {
    const { breaker } = setUp();
    await failing(breaker);
    expect(breaker.state.name).toBe('closed');
  });
});

describe('time', () => {
  it('a loop of awaited calls that never lets the event loop turn does not keep it open', async () => {
    let now = 0;
    const clock: Clock = { now: () => (now += 0.25), wallNow: () => 0 };
    const { breaker } = setUp({ clock });
    breaker.trip('down');
    let refused = 0;
    for (; breaker.state.name !== 'closed' && refused < 1e6; refused++)
      await breaker.execute(() => 'up').catch(() => {});
    expect(breaker.state.name).toBe('closed');
  });

  it('a loop that never lets go of the thread does not keep it open either', () => {
    const { breaker } = setUp({ clock: systemClock, openForMs: 5 });
    breaker.trip('down');
    let askings = 0;
    while (breaker.tryAcquire() === undefined && askings < 1e9) askings++;
    expect(breaker.state.name).toBe('half-open');
  });

  it('a jump of the wall clock neither lengthens nor skips the open time', async () => {
    const { clock, breaker } = setUp();
    breaker.trip('down');
    clock.freeze(3_600_000);
    expect(breaker.tryAcquire()).toBeUndefined();
    await clock.advance(1_000);
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('it opens again after hours of silence only for failures that came in a row', async () => {
    const { clock, breaker } = setUp();
    await failing(breaker);
    await clock.advance(3_600_000);
    await breaker.execute(() => 'up');
    for (let call = 0; call < 2; call++) await failing(breaker);
    expect(breaker.state.name).toBe('closed');
  });
});

describe('callers and their signals', () => {
  it('the abort of one call aborts no other', async () => {
    const { clock, breaker } = setUp();
    const controllers = [new AbortController(), new AbortController()];
    const work = ({ signal }: { signal: AbortSignal }) =>
      new Promise<string>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        clock.set(10, () => resolve('done'), { background: false });
      });
    const [first, second] = controllers.map(({ signal }) => breaker.execute(work, { signal }));
    controllers[0]?.abort('enough');
    await expect(first).rejects.toBe('enough');
    await clock.advance(10);
    await expect(second).resolves.toBe('done');
  });

  it('thousands of calls leave no listener on a signal that outlives them', async () => {
    const { breaker } = setUp();
    const { signal } = new AbortController();
    for (let call = 0; call < 2_000; call++) await breaker.execute((context) => context.signal.aborted, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('the options of the caller stay as they were', async () => {
    const halfOpen = Object.freeze({ probes: 1, successes: 1 });
    const options = { name: 'x', trip: consecutiveFailures(3), openForMs: 10, halfOpen };
    const before = { ...options };
    const breaker = circuitBreaker(Object.freeze(options));
    await breaker.execute(() => 'up', Object.freeze({}));
    expect(options).toEqual(before);
  });
});

describe('listeners', () => {
  it('one that throws turns no success into a failure, hides no error, and opens nothing', async () => {
    const { breaker } = setUp();
    for (const name of ['state-changed', 'would-refuse'] as const) {
      breaker.on(name, () => {
        throw new Error('broken');
      });
    }
    for (let call = 0; call < 10; call++) await expect(breaker.execute(() => 'up')).resolves.toBe('up');
    expect(breaker.state.name).toBe('closed');
    for (let call = 0; call < 3; call++) await failing(breaker);
    expect(breaker.state).toMatchObject({ name: 'open', cause: 'down' });
  });

  it('one that answers with a rejected promise leaves no unhandled rejection', async () => {
    const faults: unknown[] = [];
    const { breaker } = setUp({ listenerFailed: ({ error }) => faults.push(error) });
    breaker.on('state-changed', () => Promise.reject('broken'));
    breaker.trip('down');
    await Promise.resolve();
    expect(faults).toEqual(['broken']);
  });
});
