import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../errors.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { recoveryRamp } from './ramp.ts';
import { fromSnapshot } from './restore.ts';
import { type BreakerSnapshot, snapshotOf } from './snapshot.ts';
import type { IsolatedState, Permit } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

const SAVED_AT = 1_700_000_000_000;
const OPEN_MS = 30_000;

/** A process of its own: its monotonic clock begins anew, and its wall clock says what it likes. */
function processAt(wallNow: number, startMs = 0) {
  const clock = new VirtualClock({ startMs });
  const wallStart = wallNow - startMs;
  return {
    clock,
    make: (options: Partial<CircuitBreakerOptions> = {}) =>
      circuitBreaker({
        ...{ name: 'inventory', trip: consecutiveFailures(1), openForMs: OPEN_MS, halfOpen: { successes: 1 } },
        clock: { now: () => clock.now(), wallNow: () => wallStart + clock.now() },
        ...options,
      }),
  };
}

/** What came of writing a snapshot to a file and reading it again. */
function throughJson(snapshot: BreakerSnapshot): BreakerSnapshot {
  return JSON.parse(JSON.stringify(snapshot));
}

/** A breaker that has been open for 10 of its 30 s. */
async function savedOpen(): Promise<BreakerSnapshot> {
  const { clock, make } = processAt(SAVED_AT - 10_000, 777);
  const breaker = make();
  breaker.trip(new Error('connection refused'));
  await clock.advance(10_000);
  return throughJson(snapshotOf(breaker));
}

describe('a snapshot', () => {
  it('is plain frozen data that is the same after JSON, in every state', async () => {
    const { clock, make } = processAt(SAVED_AT, 50);
    const breaker = make({ openForMs: Infinity, recovery: recoveryRamp({ rampMs: 1_000 }) });
    const take = () => {
      const snapshot = snapshotOf(breaker);
      expect(throughJson(snapshot)).toEqual(snapshot);
      expect(Object.isFrozen(snapshot) && Object.isFrozen(snapshot.state)).toBe(true);
      return snapshot.state;
    };
    expect(take()).toEqual({ name: 'closed', ramp: null });
    breaker.trip(Object.create(null));
    expect(take()).toMatchObject({ name: 'open', since: SAVED_AT, until: null, cause: 'a cause without words' });
    breaker.probeNow();
    expect(take()).toMatchObject({ name: 'half-open', after: { openings: 1 } });
    breaker.settle(breaker.tryAcquire() as Permit, 'success');
    await clock.advance(100);
    breaker.isolate('migration');
    const ramp = { since: SAVED_AT, until: SAVED_AT + 1_000, from: 0.1 };
    expect(take()).toMatchObject({ name: 'isolated', reasons: ['migration'], beneath: { name: 'closed', ramp } });
  });

  it('cuts a cause and the reasons of an isolation after 1,000 characters', () => {
    const { make } = processAt(SAVED_AT);
    const breaker = make();
    breaker.trip(`a${'b'.repeat(5_000)}`);
    breaker.isolate(`c${'d'.repeat(1_000)}`);
    expect(snapshotOf(breaker).state).toMatchObject({
      reasons: [`c${'d'.repeat(999)}`],
      beneath: { cause: `a${'b'.repeat(999)}` },
    });
  });

  it('does not change with the breaker it was taken of', async () => {
    const { make } = processAt(SAVED_AT);
    const breaker = make();
    const handle = breaker.isolate('migration');
    const snapshot = snapshotOf(breaker);
    const before = JSON.stringify(snapshot);
    breaker.isolate('incident 7');
    handle.release();
    expect(JSON.stringify(snapshot)).toBe(before);
  });
});

describe('an open breaker that is restored', () => {
  it('keeps the open time it has left, its openings, its reason and its cause as text', async () => {
    const { clock, make } = processAt(SAVED_AT + 5_000, 123);
    const breaker = make({ restore: fromSnapshot(await savedOpen()) });
    expect(breaker.state).toMatchObject({ name: 'open', openings: 1, reason: 'it was tripped by hand' });
    expect(breaker.refusal()).toMatchObject({ retryAfterMs: 15_000, cause: 'Error: connection refused' });
    await clock.advance(14_999);
    expect(breaker.tryAcquire()).toBeUndefined();
    await clock.advance(1);
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('waits no longer than it had left when the wall clock was set back, and probes at once when it is far ahead', async () => {
    const saved = await savedOpen();
    expect(
      processAt(SAVED_AT - 3_600_000)
        .make({ restore: fromSnapshot(saved) })
        .retryAfterMs(),
    ).toBe(20_000);
    const ahead = processAt(SAVED_AT + 1e11).make({ restore: fromSnapshot(saved) });
    expect(ahead.retryAfterMs()).toBeUndefined();
    const probe = ahead.tryAcquire() as Permit;
    expect(ahead.tryAcquire()).toBeUndefined();
    ahead.settle(probe, 'failure');
    expect(ahead.state).toMatchObject({ name: 'open', openings: 2 });
  });

  it('is never open for longer than it still was, whatever the clocks say', () => {
    const skewMs = fc.oneof(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.constant(0));
    const startMs = fc.double({ min: 0, max: 1e9, noNaN: true });
    return fc.assert(
      fc.asyncProperty(skewMs, startMs, async (skew, start) => {
        const breaker = processAt(SAVED_AT + skew, start).make({ restore: fromSnapshot(await savedOpen()) });
        const expected = Math.max(0, 20_000 - Math.max(0, skew));
        expect(Math.abs((breaker.retryAfterMs() ?? 0) - expected)).toBeLessThan(0.01);
      }),
    );
  });

  it('that was open until told is that still', () => {
    const { make } = processAt(SAVED_AT);
    const breaker = make({ openForMs: Infinity });
    breaker.trip('down');
    const restored = processAt(SAVED_AT).make({ restore: fromSnapshot(throughJson(snapshotOf(breaker))) });
    expect(restored.state).toMatchObject({ name: 'open', until: Infinity });
    restored.probeNow();
    expect(restored.tryAcquire()).toBeDefined();
  });

  it('is restored by a wall clock that answers nonsense as if no time had passed', async () => {
    const clock = { now: () => 0, wallNow: () => Number.NaN };
    expect(
      processAt(0)
        .make({ clock, restore: fromSnapshot(await savedOpen()) })
        .retryAfterMs(),
    ).toBe(20_000);
  });
});

it('a half-open breaker is restored open with its time over, so that the next caller is a probe', () => {
  const { make } = processAt(SAVED_AT);
  const breaker = make();
  breaker.trip('down');
  breaker.probeNow();
  breaker.tryAcquire();
  const restored = processAt(SAVED_AT).make({ restore: fromSnapshot(throughJson(snapshotOf(breaker))) });
  expect(restored.state).toMatchObject({ name: 'open', openings: 1 });
  const probe = restored.tryAcquire() as Permit;
  expect(restored.tryAcquire()).toBeUndefined();
  restored.settle(probe, 'success');
  expect(restored.state.name).toBe('closed');
});

it('a breaker that was recovering goes on where it was, unless it is told of no recovery any more', async () => {
  const { clock, make } = processAt(SAVED_AT);
  const recovery = recoveryRamp({ rampMs: 10_000 });
  const breaker = make({ recovery });
  breaker.trip('down');
  breaker.probeNow();
  breaker.settle(breaker.tryAcquire() as Permit, 'success');
  await clock.advance(2_000);
  const restore = fromSnapshot(throughJson(snapshotOf(breaker)));
  const later = processAt(SAVED_AT + 5_000);
  const restored = later.make({ recovery, restore });
  const passed = Array.from({ length: 100 }, () => restored.tryAcquire()).filter(Boolean);
  expect(passed).toHaveLength(55);
  expect(later.make({ restore }).state).toEqual({ name: 'closed' });
});

it('a breaker on a ramp that is shorter than the wall clock can tell is restored closed, and not refused', () => {
  const { make } = processAt(SAVED_AT);
  const recovery = recoveryRamp({ rampMs: 0.0001 });
  const breaker = make({ recovery });
  breaker.trip('down');
  breaker.probeNow();
  breaker.settle(breaker.tryAcquire() as Permit, 'success');
  const restored = make({ recovery, restore: fromSnapshot(throughJson(snapshotOf(breaker))) });
  expect(restored.tryAcquire()).toBeDefined();
});

it('an isolated breaker is restored with a handle for whoever has it, so that it can be let go of', () => {
  const { make } = processAt(SAVED_AT);
  const breaker = make();
  breaker.isolate('migration');
  breaker.isolate('incident 7');
  const restored = processAt(SAVED_AT).make({ restore: fromSnapshot(throughJson(snapshotOf(breaker))) });
  expect(restored.tryAcquire()).toBeUndefined();
  expect(restored.isolations.map(({ reason }) => reason)).toEqual(['migration', 'incident 7']);
  const { state } = restored;
  expect([state, (state as IsolatedState).isolations].map(Object.isFrozen)).toEqual([true, true]);
  for (const isolation of restored.isolations) isolation.release();
  expect(restored.isolations).toEqual([]);
  expect(restored.tryAcquire()).toBeDefined();
});

describe('what is no snapshot', () => {
  function faultsOf(given: unknown): readonly string[] {
    try {
      fromSnapshot(given as BreakerSnapshot);
    } catch (error) {
      if (error instanceof InvalidOptionsError) return error.faults.map(({ path }) => path);
      throw error;
    }
    return [];
  }

  it('is refused with every fault', async () => {
    const saved = await savedOpen();
    const state = { ...saved.state, since: SAVED_AT + 1, openings: 0, cause: 7, reason: null };
    expect(faultsOf({ ...saved, version: 2, state })).toEqual([
      ...['version', 'state.since', 'state.cause', 'state.reason'],
      'state.openings',
    ]);
    expect(faultsOf({ version: 1, takenAt: 'now', state: { name: 'isolated', reasons: [], beneath: null } })).toEqual([
      ...['takenAt', 'state.reasons', 'state.beneath'],
    ]);
    expect(faultsOf({ version: 1, takenAt: 0, state: { name: 'ajar' } })).toEqual(['state.name']);
  });

  it('is refused or harmless, whatever it is: it throws nothing else, and what it makes lets go in time', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        expect(faultsOf(given).length).toBeGreaterThan(0);
        expect(faultsOf({ version: 1, takenAt: 0, state: given }).length).toBeGreaterThan(0);
      }),
    );
  });
});
