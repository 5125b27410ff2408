import { describe, expect, it } from 'vitest';
import { type BreakerState, closed, nextOpening, type OpenState, type Permit, transition } from './state.ts';

const opening: OpenState = {
  ...{ name: 'open', since: 100, until: 200, cause: 'down', reason: 'a call failed' },
  ...{ openings: 2, firstSince: 50 },
};
const lease = { permit: 7 as Permit, expiresAt: 300 };
const halfOpen = transition(opening, { kind: 'probe', since: 200, leases: [lease] });
const isolation = { reason: 'maintenance' };
const isolated = transition(opening, { kind: 'isolate', isolation });

describe('the states of a breaker', () => {
  it('lead from closed to open, to half-open, and back to closed', () => {
    const open = transition(closed(), { kind: 'open', opening });
    const probing = transition(open, { kind: 'probe', since: 200, leases: [lease] });
    const recovered = transition(probing, { kind: 'succeed', permit: lease.permit, needed: 1 });
    expect([open, probing, recovered].map(({ name }) => name)).toEqual(['open', 'half-open', 'closed']);
  });

  it('stay half-open until enough probes have succeeded', () => {
    const other = { permit: 8 as Permit, expiresAt: 300 };
    const two = transition(halfOpen, { kind: 'lend', since: 210, leases: [lease, other] });
    const once = transition(two, { kind: 'succeed', permit: lease.permit, needed: 2 });
    expect(once).toMatchObject({ name: 'half-open', successes: 1, leases: [other] });
    expect(transition(once, { kind: 'succeed', permit: other.permit, needed: 2 })).toEqual(closed());
  });

  it('take a probe back without counting it', () => {
    const returned = transition(halfOpen, { kind: 'return', permit: lease.permit });
    expect(returned).toMatchObject({ name: 'half-open', successes: 0, leases: [] });
  });

  it('lead from half-open to open again', () => {
    expect(transition(halfOpen, { kind: 'open', opening })).toBe(opening);
  });

  it('lead to a closed state of its own from anywhere, from closed too', () => {
    for (const state of [closed(), opening, halfOpen]) {
      const next = transition(state, { kind: 'close' });
      expect(next).toEqual({ name: 'closed' });
      expect(next).not.toBe(state);
    }
  });

  it('change nothing at a probe of a breaker that is not open, nor at an outcome of one that is not probing', () => {
    const probe = { kind: 'probe', since: 0, leases: [] } as const;
    for (const state of [closed(), halfOpen, isolated]) {
      expect(transition(state, probe)).toBe(state);
    }
    for (const state of [closed(), opening, isolated]) {
      expect(transition(state, { kind: 'return', permit: lease.permit })).toBe(state);
    }
  });
});

describe('isolation', () => {
  it('lies on top of what was there, and gives it back', () => {
    expect(isolated).toEqual({ name: 'isolated', isolations: [isolation], beneath: opening });
    expect(transition(isolated, { kind: 'release', isolation })).toBe(opening);
  });

  it('ends with the last handle', () => {
    const other = { reason: 'migration' };
    const twice = transition(isolated, { kind: 'isolate', isolation: other });
    const once = transition(twice, { kind: 'release', isolation });
    expect(once).toMatchObject({ name: 'isolated', isolations: [other] });
    expect(transition(once, { kind: 'release', isolation: other })).toBe(opening);
  });

  it('forgets the probes under way', () => {
    const over = transition(halfOpen, { kind: 'isolate', isolation });
    expect(transition(over, { kind: 'release', isolation })).toMatchObject({ name: 'half-open', leases: [] });
  });

  it('hides an opening or a closing, which happen beneath', () => {
    const reset = transition(isolated, { kind: 'close' });
    expect(reset.name).toBe('isolated');
    expect(transition(reset, { kind: 'release', isolation })).toEqual({ name: 'closed' });
    const tripped = transition(reset, { kind: 'open', opening });
    expect(transition(tripped, { kind: 'release', isolation })).toBe(opening);
  });

  it('does not mind a release that comes too late', () => {
    expect(transition(opening, { kind: 'release', isolation })).toBe(opening);
  });
});

describe('counting openings', () => {
  it('begins at a closed breaker and goes on until it closes again', () => {
    const expected: [BreakerState, object][] = [
      [closed(), { openings: 1, firstSince: 900 }],
      [opening, { openings: 2, firstSince: 50 }],
      [halfOpen, { openings: 3, firstSince: 50 }],
      [isolated, { openings: 2, firstSince: 50 }],
    ];
    for (const [state, next] of expected) expect(nextOpening(state, 900)).toMatchObject(next);
  });
});
