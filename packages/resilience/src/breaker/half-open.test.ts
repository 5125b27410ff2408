import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import type { CircuitBreaker } from './contract.ts';
import type { HalfOpenOptions } from './options.ts';
import type { HalfOpenState, Permit, ProbeLease } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

/** A breaker whose open time is just over. */
async function setUp(halfOpen: HalfOpenOptions = {}) {
  const clock = new VirtualClock();
  const breaker = circuitBreaker({
    ...{ name: 'inventory', trip: consecutiveFailures(1), openForMs: 1_000, clock, halfOpen },
  });
  breaker.trip('down');
  await clock.advance(1_000);
  return { clock, breaker };
}

function take(breaker: CircuitBreaker, count = 1): Permit[] {
  return Array.from({ length: count }, () => breaker.tryAcquire()).filter((permit) => permit !== undefined);
}

describe('a half-open breaker', () => {
  it('lets one probe through and refuses everybody else at once', async () => {
    const { breaker } = await setUp();
    expect(take(breaker, 100)).toHaveLength(1);
    expect(breaker.refusal()).toMatchObject({ state: 'half-open', cause: 'down', retryAfterMs: 0 });
  });

  it('lets as many probes through at once as it was told', async () => {
    const { breaker } = await setUp({ probes: 3 });
    const probes = take(breaker, 10);
    expect(new Set(probes).size).toBe(3);
    breaker.settle(probes[1] as Permit, 'neutral');
    expect(take(breaker, 10)).toHaveLength(1);
  });

  it('closes after as many successes as it was told, two by default', async () => {
    for (const [options, needed] of [[{}, 2] as const, [{ successes: 4 }, 4] as const]) {
      const { breaker } = await setUp(options);
      for (let success = 1; success <= needed; success++) {
        expect(breaker.state.name).toBe(success === 1 ? 'open' : 'half-open');
        expect(breaker.settle(take(breaker)[0] as Permit, 'success')).toBe('counted');
      }
      expect(breaker.state.name).toBe('closed');
    }
  });

  it('closes with nothing counted: what its rule had seen is forgotten', async () => {
    const clock = new VirtualClock();
    const trip = consecutiveFailures(2);
    const breaker = circuitBreaker({ name: 'x', trip, openForMs: 10, clock, halfOpen: { successes: 1 } });
    for (const permit of take(breaker, 2)) breaker.settle(permit, 'failure');
    await clock.advance(10);
    breaker.settle(take(breaker)[0] as Permit, 'success');
    breaker.settle(take(breaker)[0] as Permit, 'failure');
    expect(breaker.state.name).toBe('closed');
  });

  it('opens again at the first failure, for a new open time with the new cause', async () => {
    const { clock, breaker } = await setUp({ probes: 2 });
    const [first, second] = take(breaker, 2) as [Permit, Permit];
    breaker.settle(first, 'success');
    await clock.advance(5);
    expect(breaker.settle(second, 'failure', undefined, 'still down')).toBe('counted');
    expect(breaker.state).toMatchObject({
      ...{ name: 'open', since: 1_005, until: 2_005, cause: 'still down' },
      ...{ reason: 'a probe failed', openings: 2 },
    });
  });

  it('forgets earlier successes when it opens again', async () => {
    const { clock, breaker } = await setUp();
    breaker.settle(take(breaker)[0] as Permit, 'success');
    breaker.settle(take(breaker)[0] as Permit, 'failure');
    await clock.advance(1_000);
    breaker.settle(take(breaker)[0] as Permit, 'success');
    expect(breaker.state).toMatchObject({ name: 'half-open', successes: 1 });
  });

  it('counts a probe once: settled again it is stale', async () => {
    const { breaker } = await setUp({ probes: 2, successes: 3 });
    const [probe] = take(breaker) as [Permit];
    expect(breaker.settle(probe, 'success')).toBe('counted');
    for (const verdict of ['success', 'failure', 'neutral'] as const) {
      expect(breaker.settle(probe, verdict)).toBe('stale');
    }
    expect(breaker.state).toMatchObject({ name: 'half-open', successes: 1 });
  });

  it('takes a neutral outcome as no answer: the place is free for the next caller', async () => {
    const { breaker } = await setUp();
    for (let call = 0; call < 50; call++) {
      expect(breaker.settle(take(breaker)[0] as Permit, 'neutral')).toBe('counted');
    }
    expect(breaker.state).toMatchObject({ name: 'half-open', successes: 0, leases: [] });
  });

  it('takes a verdict that is none for a neutral one', async () => {
    const { breaker } = await setUp({ successes: 1 });
    for (const verdict of ['fail', 'failed', undefined, true]) {
      expect(breaker.settle(take(breaker)[0] as Permit, verdict as never)).toBe('counted');
    }
    expect(breaker.state).toMatchObject({ name: 'half-open', successes: 0, leases: [] });
  });

  it('shows in its state what it waits for', async () => {
    const { breaker } = await setUp({ leaseMs: 500 });
    const [permit] = take(breaker) as [Permit];
    expect(breaker.state).toMatchObject({
      ...{ name: 'half-open', since: 1_000, successes: 0, after: { name: 'open', cause: 'down' } },
      ...{ leases: [{ permit, expiresAt: 1_500 }] },
    });
  });

  it('lets nobody change what it shows: neither the state, nor its leases, nor one of them', async () => {
    const { breaker } = await setUp({ probes: 2 });
    const [first] = take(breaker, 2) as [Permit];
    breaker.settle(first, 'neutral');
    take(breaker);
    const shown = breaker.state as HalfOpenState;
    expect(() => Object.assign(shown, { leases: [] })).toThrow(TypeError);
    expect(() => (shown.leases as ProbeLease[]).pop()).toThrow(TypeError);
    expect(() => Object.assign(shown.leases[0] as object, { expiresAt: 0 })).toThrow(TypeError);
    expect(take(breaker)).toHaveLength(0);
  });

  it('says when a place will be free at the latest', async () => {
    const { clock, breaker } = await setUp({ probes: 2, leaseMs: 500 });
    take(breaker);
    expect(breaker.retryAfterMs()).toBeUndefined();
    await clock.advance(100);
    take(breaker);
    expect(breaker.retryAfterMs()).toBe(400);
    await clock.advance(400);
    expect(breaker.retryAfterMs()).toBeUndefined();
  });
});

describe('the lease of a probe', () => {
  it('expires, so that a hung probe gives its place to another caller', async () => {
    const { clock, breaker } = await setUp({ leaseMs: 500, successes: 1 });
    const [hung] = take(breaker) as [Permit];
    await clock.advance(499);
    expect(take(breaker)).toHaveLength(0);
    await clock.advance(1);
    const [next] = take(breaker, 5) as [Permit];
    expect(next).not.toBe(hung);
    expect(breaker.settle(hung, 'failure')).toBe('stale');
    expect(breaker.settle(next, 'success')).toBe('counted');
    expect(breaker.state.name).toBe('closed');
  });

  it('still counts after its expiry as long as nobody has taken the place', async () => {
    const { clock, breaker } = await setUp({ leaseMs: 500, successes: 1 });
    const [slow] = take(breaker) as [Permit];
    await clock.advance(60_000);
    expect(breaker.settle(slow, 'success')).toBe('counted');
    expect(breaker.state.name).toBe('closed');
  });

  it('is taken over one place at a time: the other probes that have expired still count', async () => {
    const { clock, breaker } = await setUp({ probes: 2, successes: 3, leaseMs: 100 });
    const [first, second] = take(breaker, 2) as [Permit, Permit];
    await clock.advance(100);
    const [third] = take(breaker) as [Permit];
    expect(breaker.settle(first, 'success')).toBe('stale');
    expect(breaker.settle(second, 'success')).toBe('counted');
    expect(breaker.settle(third, 'success')).toBe('counted');
    expect(breaker.state).toMatchObject({ name: 'half-open', successes: 2, leases: [] });
  });

  it('lasts thirty seconds by default, and for ever if told', async () => {
    const standard = await setUp();
    take(standard.breaker);
    expect(standard.breaker.retryAfterMs()).toBe(30_000);
    const endless = await setUp({ leaseMs: Infinity });
    take(endless.breaker);
    await endless.clock.advance(1e12);
    expect(take(endless.breaker)).toHaveLength(0);
  });
});
