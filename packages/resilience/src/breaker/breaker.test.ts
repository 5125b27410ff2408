import { describe, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { BreakerOpenError, isRefusal } from '../errors.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import type { CircuitBreaker } from './contract.ts';
import type { CircuitBreakerOptions, Opening } from './options.ts';
import type { Permit } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

function setUp(options: Partial<CircuitBreakerOptions> = {}) {
  const clock = new VirtualClock({ startMs: 1_000 });
  const breaker = circuitBreaker({
    ...{ name: 'inventory', trip: consecutiveFailures(3), openForMs: 30_000, clock },
    ...options,
  });
  return { clock, breaker };
}

function permitOf(breaker: CircuitBreaker): Permit {
  const permit = breaker.tryAcquire();
  if (permit === undefined) throw new Error(`no permit while ${breaker.state.name}`);
  return permit;
}

function fail(breaker: CircuitBreaker, times = 1, cause?: unknown): void {
  for (let time = 0; time < times; time++) breaker.settle(permitOf(breaker), 'failure', undefined, cause);
}

describe('a closed breaker', () => {
  it('gives every caller a permit', () => {
    const { breaker } = setUp();
    for (let call = 0; call < 10; call++) expect(breaker.tryAcquire()).toBeTypeOf('number');
    expect(breaker.state).toEqual({ name: 'closed' });
    expect(breaker.retryAfterMs()).toBeUndefined();
  });

  it('opens when its rule says so, and remembers when, why and until when', () => {
    const { breaker } = setUp();
    fail(breaker, 2);
    expect(breaker.state.name).toBe('closed');
    fail(breaker, 1, 'connection refused');
    expect(breaker.state).toEqual({
      ...{ name: 'open', since: 1_000, until: 31_000, cause: 'connection refused' },
      ...{ reason: '3 calls in a row failed', openings: 1, firstSince: 1_000 },
    });
  });

  it('counts neither for nor against when the outcome is neutral', () => {
    const { breaker } = setUp();
    fail(breaker, 2);
    expect(breaker.settle(permitOf(breaker), 'neutral')).toBe('counted');
    expect(breaker.state.name).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state.name).toBe('open');
  });

  it('answers what it did with an outcome', () => {
    const { breaker } = setUp();
    expect(breaker.settle(permitOf(breaker), 'success')).toBe('counted');
    expect(breaker.settle(permitOf(breaker), 'failure')).toBe('counted');
  });

  it('counts a permit that is settled twice within one closed period twice', () => {
    const { breaker } = setUp();
    const permit = permitOf(breaker);
    for (let time = 0; time < 3; time++) expect(breaker.settle(permit, 'failure')).toBe('counted');
    expect(breaker.state.name).toBe('open');
    expect(breaker.settle(permit, 'failure')).toBe('stale');
  });

  it('takes nothing for a permit that is none', () => {
    const { breaker } = setUp();
    for (const forged of [0, -1, 99, undefined, Number.NaN]) {
      expect(breaker.settle(forged as Permit, 'failure')).toBe('stale');
    }
    fail(breaker, 3);
    expect(breaker.settle(undefined as never, 'success')).toBe('stale');
  });
});

describe('an open breaker', () => {
  it('refuses every caller until its time is up, and then lets the next one probe', async () => {
    const { clock, breaker } = setUp();
    fail(breaker, 3);
    expect(breaker.tryAcquire()).toBeUndefined();
    await clock.advance(29_999);
    expect(breaker.tryAcquire()).toBeUndefined();
    await clock.advance(1);
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.state.name).toBe('half-open');
  });

  it('says how long it will refuse', async () => {
    const { clock, breaker } = setUp();
    fail(breaker, 3);
    expect(breaker.retryAfterMs()).toBe(30_000);
    await clock.advance(10_000);
    expect(breaker.retryAfterMs()).toBe(20_000);
    await clock.advance(20_000);
    expect(breaker.retryAfterMs()).toBeUndefined();
  });

  it('changes nothing when its state is read, however late that is', async () => {
    const { clock, breaker } = setUp();
    fail(breaker, 3);
    await clock.advance(1e9);
    expect(breaker.state).toMatchObject({ name: 'open', until: 31_000 });
    expect(breaker.state).toMatchObject({ name: 'open' });
  });

  it('answers results of calls from before with stale, and stays as it is', () => {
    const { breaker } = setUp();
    const early = permitOf(breaker);
    fail(breaker, 3);
    const { state } = breaker;
    for (const verdict of ['success', 'failure', 'neutral'] as const) {
      expect(breaker.settle(early, verdict)).toBe('stale');
    }
    expect(breaker.state).toBe(state);
  });

  it('refuses with an error that names it, its state, its cause, and when to ask again', async () => {
    const { clock, breaker } = setUp();
    const cause = new Error('connection refused');
    fail(breaker, 3, cause);
    await clock.advance(1_000);
    const error = breaker.refusal();
    expect(error).toBeInstanceOf(BreakerOpenError);
    expect(isRefusal(error)).toBe(true);
    expect(error).toMatchObject({ breaker: 'inventory', state: 'open', retryAfterMs: 29_000, cause });
    expect(error.message).toContain('inventory');
    expect(breaker.refusal()).not.toBe(error);
  });

  it('lets its open time be decided opening by opening', async () => {
    const openings: Opening[] = [];
    const openForMs = (opening: Opening) => {
      openings.push(opening);
      return 1_000 * 2 ** (opening.openings - 1);
    };
    const { clock, breaker } = setUp({ openForMs, random: () => 0.5 });
    fail(breaker, 3, 'first');
    for (const waitMs of [1_000, 2_000, 4_000]) {
      expect(breaker.retryAfterMs()).toBe(waitMs);
      await clock.advance(waitMs);
      fail(breaker, 1, `after ${waitMs}`);
    }
    expect(openings.map(({ openings, openForMs, cause }) => [openings, openForMs, cause])).toEqual([
      [1, 0, 'first'],
      [2, 1_000, 'after 1000'],
      [3, 3_000, 'after 2000'],
      [4, 7_000, 'after 4000'],
    ]);
    expect(openings[0]?.random()).toBe(0.5);
  });

  it('counts its openings from 1 again once it has closed', async () => {
    const { clock, breaker } = setUp({ halfOpen: { successes: 1 } });
    fail(breaker, 3);
    await clock.advance(30_000);
    fail(breaker, 1);
    expect(breaker.state).toMatchObject({ openings: 2, firstSince: 1_000 });
    await clock.advance(30_000);
    breaker.settle(permitOf(breaker), 'success');
    fail(breaker, 3);
    expect(breaker.state).toMatchObject({ openings: 1, firstSince: 61_000 });
  });

  it('may stay open until it is told otherwise', async () => {
    const { clock, breaker } = setUp({ openForMs: Infinity });
    fail(breaker, 3);
    await clock.advance(1e12);
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.retryAfterMs()).toBe(Infinity);
    expect(breaker.refusal().retryAfterMs).toBeUndefined();
    breaker.probeNow();
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('is open for thirty seconds when the function that decides it is broken', () => {
    const faults: string[] = [];
    for (const openForMs of [() => Number.NaN, () => -1, () => 'soon' as never, broken]) {
      const { breaker } = setUp({ openForMs, listenerFailed: ({ event }) => faults.push(event) });
      fail(breaker, 3);
      expect(breaker.retryAfterMs()).toBe(30_000);
    }
    expect(faults).toEqual(['openForMs', 'openForMs', 'openForMs', 'openForMs']);
  });
});

describe('opening, probing and closing by hand', () => {
  it('trip opens a closed breaker, with recovery as usual', async () => {
    const { clock, breaker } = setUp();
    breaker.trip('bad password');
    expect(breaker.state).toMatchObject({ name: 'open', cause: 'bad password', openings: 1 });
    await clock.advance(30_000);
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('trip gives an open breaker a new cause and begins its open time anew, as the same opening', async () => {
    const { clock, breaker } = setUp();
    fail(breaker, 3, 'connection refused');
    await clock.advance(10_000);
    breaker.trip('bad password');
    expect(breaker.state).toMatchObject({ cause: 'bad password', since: 11_000, until: 41_000, openings: 1 });
  });

  it('trip opens a half-open breaker, and its probes are stale', async () => {
    const { clock, breaker } = setUp();
    fail(breaker, 3);
    await clock.advance(30_000);
    const probe = permitOf(breaker);
    breaker.trip('bad password');
    expect(breaker.state).toMatchObject({ name: 'open', openings: 2 });
    expect(breaker.settle(probe, 'success')).toBe('stale');
  });

  it('probeNow ends an open time at once, and does nothing otherwise', () => {
    const { breaker } = setUp();
    breaker.probeNow();
    expect(breaker.state.name).toBe('closed');
    fail(breaker, 3);
    breaker.probeNow();
    expect(breaker.state).toMatchObject({ name: 'half-open', leases: [] });
    expect(breaker.retryAfterMs()).toBeUndefined();
    const probe = permitOf(breaker);
    breaker.probeNow();
    expect(breaker.settle(probe, 'success')).toBe('counted');
  });

  it('reset closes an open and a half-open breaker, and what was under way is stale', async () => {
    const { clock, breaker } = setUp();
    const early = permitOf(breaker);
    fail(breaker, 3);
    breaker.reset();
    expect(breaker.state.name).toBe('closed');
    fail(breaker, 3);
    await clock.advance(30_000);
    const probe = permitOf(breaker);
    breaker.reset();
    expect(breaker.state.name).toBe('closed');
    for (const permit of [early, probe]) expect(breaker.settle(permit, 'failure')).toBe('stale');
  });

  it('reset forgets what a closed breaker has counted', () => {
    const { breaker } = setUp();
    const early = permitOf(breaker);
    fail(breaker, 2);
    breaker.reset();
    expect(breaker.settle(early, 'failure')).toBe('stale');
    fail(breaker, 2);
    expect(breaker.state.name).toBe('closed');
  });
});

describe('the clock of a breaker', () => {
  it('is read only when an opening needs it', () => {
    let readings = 0;
    const clock: Clock = { now: () => ++readings, wallNow: () => 0 };
    const { breaker } = setUp({ clock });
    for (let call = 0; call < 100; call++) breaker.settle(permitOf(breaker), call % 3 === 0 ? 'success' : 'failure');
    expect(readings).toBe(0);
    fail(breaker, 3);
    expect(breaker.state.name).toBe('open');
    expect(readings).toBe(1);
  });

  it('needs no timer: nothing is set, whatever happens', async () => {
    const { clock, breaker } = setUp();
    fail(breaker, 3);
    await clock.advance(30_000);
    fail(breaker, 1);
    expect(clock.pending()).toBe(0);
  });
});

function broken(): never {
  throw new Error('broken');
}
