import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import { FreshRefusal } from './fresh-refusal.ts';
import { consecutiveFailures } from './trip-rule.ts';

describe('a fresh refusal', () => {
  it('stands for the rest of the synchronous run, and no longer', async () => {
    const refusal = new FreshRefusal(systemClock, 'inventory');
    refusal.madeAt(systemClock.now());
    expect(refusal.stands()).toBe(true);
    await Promise.resolve();
    expect(refusal.stands()).toBe(false);
  });

  it('stands for 63 askings at most, so that a loop which never lets go sees the clock', () => {
    const refusal = new FreshRefusal(systemClock, 'inventory');
    refusal.madeAt(systemClock.now());
    const answers = Array.from({ length: 100 }, () => refusal.stands());
    expect(answers.lastIndexOf(true)).toBe(62);
    expect(answers.slice(0, 63).every(Boolean)).toBe(true);
  });

  it('does not stand before there was one', () => {
    expect(new FreshRefusal(systemClock, 'inventory').stands()).toBe(false);
  });

  it('never stands by a clock that the code which asks may move', () => {
    const refusal = new FreshRefusal(new VirtualClock(), 'inventory');
    refusal.madeAt(0);
    expect(refusal.stands()).toBe(false);
  });

  it('gives the time of its reading in the same run, and reads the clock after it', async () => {
    const refusal = new FreshRefusal(systemClock, 'inventory');
    refusal.madeAt(-7);
    expect(refusal.now()).toBe(-7);
    await Promise.resolve();
    expect(refusal.now()).toBeGreaterThan(0);
  });

  it('that was ended stands no more, and the clock is read', () => {
    const refusal = new FreshRefusal(systemClock, 'inventory');
    refusal.madeAt(-7);
    refusal.end();
    expect(refusal.stands()).toBe(false);
    expect(refusal.now()).toBeGreaterThan(0);
    refusal.madeAt(-6);
    expect([refusal.stands(), refusal.now()]).toEqual([true, -6]);
  });

  it('is one run for all breakers, whichever of them was asked first', async () => {
    const [one, other] = [new FreshRefusal(systemClock, 'inventory'), new FreshRefusal(systemClock, 'inventory')];
    one.madeAt(1);
    other.madeAt(2);
    expect([one.stands(), other.stands()]).toEqual([true, true]);
    await Promise.resolve();
    expect([one.stands(), other.stands()]).toEqual([false, false]);
  });
});

describe('an open breaker whose time is over within one synchronous run', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Has refused by the real clock, which has gone on by the time it is given back. */
  function setUp() {
    const now = vi.spyOn(systemClock, 'now').mockReturnValue(1_000);
    const breaker = circuitBreaker({ name: 'inventory', trip: consecutiveFailures(1), openForMs: 5 });
    breaker.trip('down');
    expect(breaker.tryAcquire()).toBeUndefined();
    now.mockReturnValue(1_005);
    return breaker;
  }

  it('lets the next caller probe once it has said that one would pass', () => {
    const breaker = setUp();
    expect(breaker.retryAfterMs()).toBeUndefined();
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it.each([undefined, {}])('probes with the work that it is given, with options %o', async (options) => {
    expect(await setUp().execute(() => 'probed', options)).toBe('probed');
  });
});
