import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import type { IsolatedState, Isolation, Permit } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

function setUp() {
  const clock = new VirtualClock();
  const trip = consecutiveFailures(1);
  const breaker = circuitBreaker({ name: 'inventory', trip, openForMs: 1_000, clock, halfOpen: { successes: 1 } });
  return { clock, breaker };
}

describe('an isolated breaker', () => {
  it('refuses every caller for as long as the handle is held, and says why', async () => {
    const { clock, breaker } = setUp();
    const handle = breaker.isolate('migration');
    await clock.advance(1e9);
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.retryAfterMs()).toBe(Infinity);
    expect(breaker.refusal()).toMatchObject({ state: 'isolated', cause: 'migration', retryAfterMs: undefined });
    handle.release();
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('lets nobody take a handle out of what it shows', () => {
    const { breaker } = setUp();
    breaker.isolate('migration');
    const { isolations } = breaker.state as IsolatedState;
    expect(() => (isolations as Isolation[]).pop()).toThrow(TypeError);
  });

  it('is held by every handle, and each lets go once', () => {
    const { breaker } = setUp();
    const [first, second] = [breaker.isolate('migration'), breaker.isolate('incident 7')];
    expect(breaker.state).toMatchObject({ isolations: [{ reason: 'migration' }, { reason: 'incident 7' }] });
    first.release();
    first.release();
    expect(breaker.state).toMatchObject({ name: 'isolated', isolations: [{ reason: 'incident 7' }] });
    second.release();
    expect(breaker.state.name).toBe('closed');
    const third = breaker.isolate('again');
    second.release();
    expect(breaker.state.name).toBe('isolated');
    third.release();
  });

  it('makes stale what was under way, and begins a new closed period afterwards', () => {
    const { breaker } = setUp();
    const early = breaker.tryAcquire();
    const handle = breaker.isolate('migration');
    expect(breaker.settle(early as never, 'failure')).toBe('stale');
    handle.release();
    expect(breaker.settle(early as never, 'failure')).toBe('stale');
    expect(breaker.state.name).toBe('closed');
  });

  it('goes on from where it was: an open time runs on beneath', async () => {
    const { clock, breaker } = setUp();
    breaker.trip('down');
    const handle = breaker.isolate('migration');
    await clock.advance(400);
    handle.release();
    expect(breaker.retryAfterMs()).toBe(600);
    expect(breaker.state).toMatchObject({ name: 'open', cause: 'down' });
  });

  it('goes on counting where it was, unless it was reset meanwhile', () => {
    const breaker = circuitBreaker({ name: 'inventory', trip: consecutiveFailures(3), openForMs: 1_000 });
    const fail = () => breaker.settle(breaker.tryAcquire() as Permit, 'failure');
    fail();
    breaker.isolate('migration').release();
    fail();
    const handle = breaker.isolate('migration');
    breaker.reset();
    handle.release();
    fail();
    breaker.isolate('migration').release();
    fail();
    expect(breaker.state.name).toBe('closed');
    fail();
    expect(breaker.state.name).toBe('open');
  });

  it('goes on probing, with no probe under way', async () => {
    const { clock, breaker } = setUp();
    breaker.trip('down');
    await clock.advance(1_000);
    const probe = breaker.tryAcquire();
    const handle = breaker.isolate('migration');
    handle.release();
    expect(breaker.settle(probe as never, 'success')).toBe('stale');
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('stays isolated when it is tripped, reset or told to probe', () => {
    const { breaker } = setUp();
    const handle = breaker.isolate('migration');
    breaker.trip('down');
    expect(breaker.state.name).toBe('isolated');
    breaker.probeNow();
    expect(breaker.state).toMatchObject({ name: 'isolated', beneath: { name: 'open', cause: 'down' } });
    breaker.reset();
    expect(breaker.state).toMatchObject({ name: 'isolated', beneath: { name: 'closed' } });
    handle.release();
    expect(breaker.state.name).toBe('closed');
  });

  it('takes whatever it is given for a reason, also what has no words', () => {
    const reasons: string[] = [];
    const trip = consecutiveFailures(1);
    const breaker = circuitBreaker({ name: 'inventory', trip, openForMs: 1_000, dryRun: true });
    breaker.on('would-refuse', ({ reason }) => reasons.push(reason));
    for (const reason of ['migration', Symbol('no text'), undefined, Object.create(null)]) {
      const handle = breaker.isolate(reason as never);
      expect(breaker.tryAcquire()).toBeDefined();
      handle.release();
    }
    expect(reasons).toEqual(['migration', 'Symbol(no text)', 'undefined', '']);
  });

  it('rejects what is executed', async () => {
    const { breaker } = setUp();
    breaker.isolate('migration');
    await expect(breaker.execute(() => 'ran')).rejects.toMatchObject({ code: 'BREAKER_OPEN', state: 'isolated' });
  });
});
