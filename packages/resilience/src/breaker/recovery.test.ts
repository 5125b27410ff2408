import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BreakerOpenError } from '../errors.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { recoveryRamp, shareAt } from './ramp.ts';
import type { ClosedState, Permit } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

/** A breaker that probes have just closed. */
async function setUp(options: Partial<CircuitBreakerOptions> = {}, startMs = 0) {
  const clock = new VirtualClock({ startMs });
  const breaker = circuitBreaker({
    ...{ name: 'inventory', trip: consecutiveFailures(2), openForMs: 1_000, halfOpen: { successes: 1 }, clock },
    recovery: recoveryRamp({ rampMs: 10_000, from: 0.1 }),
    ...options,
  });
  breaker.trip('down');
  await clock.advance(1_000);
  breaker.settle(breaker.tryAcquire() as Permit, 'success');
  const passed = (calls: number) => Array.from({ length: calls }, () => breaker.tryAcquire()).filter(Boolean).length;
  return { clock, breaker, passed };
}

/** What was looked at through a WeakRef stays until the present task is over. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  await new Promise((resolve) => setImmediate(resolve));
  runInNewContext('gc')();
}

describe('a breaker that recovers', () => {
  it('is closed, says along which line it recovers, and lets a growing share of the calls pass', async () => {
    const { clock, breaker, passed } = await setUp();
    expect(breaker.state).toMatchObject({ name: 'closed', ramp: { since: 1_000, until: 11_000, from: 0.1 } });
    expect(Object.isFrozen((breaker.state as ClosedState).ramp)).toBe(true);
    expect(passed(100)).toBe(10);
    await clock.advance(5_000);
    expect(passed(100)).toBe(55);
    await clock.advance(5_000);
    expect(passed(100)).toBe(100);
    expect(breaker.state).toEqual({ name: 'closed' });
  });

  it('never lets more pass than the line allows, and everything once it is over, after any silence', () => {
    const wait = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true }));
    const from = fc.double({ min: 0, max: 0.99, noNaN: true });
    return fc.assert(
      fc.asyncProperty(from, fc.array(wait, { maxLength: 200 }), async (first, waits) => {
        const { clock, breaker } = await setUp({ recovery: recoveryRamp({ rampMs: 10_000, from: first }) });
        const line = breaker.state.name === 'closed' ? breaker.state.ramp : undefined;
        let allowed = 1 + 1e-6;
        let passed = 0;
        for (const waitMs of waits) {
          await clock.advance(waitMs);
          if (line === undefined) throw new Error('there is a ramp');
          const isOver = clock.now() >= line.until;
          const hasPassed = breaker.tryAcquire() !== undefined;
          if (isOver) expect(hasPassed).toBe(true);
          allowed += isOver ? 1 : shareAt(line, clock.now());
          passed += hasPassed ? 1 : 0;
          expect(passed).toBeLessThanOrEqual(allowed);
          expect(passed).toBeGreaterThan(allowed - 3);
        }
      }),
    );
  });

  it('refuses at once, with the state, the cause and a time at which a call does pass', async () => {
    const { clock, breaker } = await setUp();
    expect(await breaker.execute(() => 'first')).toBe('first');
    const refusal = await breaker.execute(() => 'second').catch((error: unknown) => error as BreakerOpenError);
    expect(refusal).toBeInstanceOf(BreakerOpenError);
    expect(refusal).toMatchObject({ state: 'recovering', cause: 'down', code: 'BREAKER_OPEN' });
    const { retryAfterMs = Number.NaN } = refusal as BreakerOpenError;
    expect(retryAfterMs).toBeCloseTo(breaker.retryAfterMs() as number);
    await clock.advance(retryAfterMs - 1);
    expect(breaker.retryAfterMs()).toBeGreaterThan(0);
    await clock.advance(1.001);
    expect(breaker.retryAfterMs()).toBeUndefined();
    expect(await breaker.execute(() => 'third')).toBe('third');
  });

  it('lets a call pass exactly when it says that one would, and after the time that it tells', () => {
    const share = fc.double({ min: 0, max: 0.99, noNaN: true });
    const waitsForIt = fc.array(fc.boolean(), { minLength: 50, maxLength: 200 });
    return fc.assert(
      fc.asyncProperty(share, waitsForIt, async (from, all) => {
        const { clock, breaker } = await setUp({ recovery: recoveryRamp({ rampMs: 10_000, from }) });
        for (const waits of all) {
          if (waits) clock.stall(breaker.retryAfterMs() ?? 0);
          const isPromised = waits || breaker.retryAfterMs() === undefined;
          expect(breaker.tryAcquire() !== undefined).toBe(isPromised);
        }
      }),
      { examples: [0, 0.1, 0.3, 0.77].map((from) => [from, Array(200).fill(true)]) },
    );
  });

  it('keeps its word also where the clock can hardly tell the times of its ramp apart', () => {
    const share = fc.integer({ min: 0, max: 99 }).map((percent) => percent / 100);
    return fc.assert(
      fc.asyncProperty(
        share,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(1e6, 1e9, 1e12),
        async (from, others, at) => {
          const { clock, breaker } = await setUp({ recovery: recoveryRamp({ rampMs: 3, from }) }, at);
          for (let call = 0; call < 20; call++) {
            for (let other = 0; other < others; other++) breaker.tryAcquire();
            clock.stall(breaker.retryAfterMs() ?? 0);
            expect(breaker.tryAcquire()).toBeDefined();
          }
        },
      ),
      { examples: [[0.17, 3, 1e9]] },
    );
  });

  it('does not tell those it refuses together to come back together', async () => {
    const { breaker } = await setUp();
    const waits = new Set<number | undefined>();
    for (let call = 0; call < 9; call++) {
      if (breaker.tryAcquire() === undefined) waits.add(breaker.refusal().retryAfterMs);
    }
    expect(waits.size).toBe(8);
  });

  it('trips by its rule as ever, and that opening counts on from the one it recovers from', async () => {
    const openings: number[] = [];
    const { breaker, clock } = await setUp({ openForMs: ({ openings: count }) => openings.push(count) * 1_000 });
    await clock.advance(9_900);
    for (let failed = 0; breaker.state.name === 'closed' && failed < 10; ) {
      const permit = breaker.tryAcquire();
      if (permit === undefined) continue;
      breaker.settle(permit, 'failure');
      failed++;
    }
    expect(breaker.state).toMatchObject({ name: 'open', openings: 2, firstSince: 0 });
    expect(openings).toEqual([1, 2]);
  });

  it('that opens again lets go of the cause that it recovered from', async () => {
    const { breaker, clock } = await setUp();
    const tripByAnother = () => {
      const cause = new Error('down');
      breaker.trip(cause);
      return new WeakRef(cause);
    };
    const cause = tripByAnother();
    await clock.advance(1_000);
    breaker.settle(breaker.tryAcquire() as Permit, 'success');
    expect(breaker.state).toHaveProperty('ramp.after.cause', cause.deref());
    breaker.trip('down again');
    await collectGarbage();
    expect(cause.deref()).toBeUndefined();
    expect(breaker.state).toMatchObject({ name: 'open', openings: 3 });
  });

  it('counts what began on the ramp and ends after it', async () => {
    const { breaker, clock } = await setUp();
    const early = breaker.tryAcquire() as Permit;
    await clock.advance(10_000);
    const late = breaker.tryAcquire() as Permit;
    expect(breaker.settle(late, 'failure')).toBe('counted');
    expect(breaker.settle(early, 'failure')).toBe('counted');
    expect(breaker.state).toMatchObject({ name: 'open', openings: 1 });
  });

  it('lets everything pass after a reset, and goes on recovering after an isolation', async () => {
    const { clock, breaker, passed } = await setUp();
    const handle = breaker.isolate('migration');
    expect(passed(10)).toBe(0);
    await clock.advance(5_000);
    handle.release();
    expect(passed(100)).toBe(55);
    breaker.reset();
    expect(passed(100)).toBe(100);
  });

  it('goes on counting after an isolation also once its ramp is over', async () => {
    const { clock, breaker } = await setUp();
    await clock.advance(10_000);
    const fail = () => breaker.settle(breaker.tryAcquire() as Permit, 'failure');
    fail();
    breaker.isolate('migration').release();
    fail();
    expect(breaker.state.name).toBe('open');
  });

  it('gives nobody more by an isolation than its line allows', async () => {
    const { breaker, passed } = await setUp();
    let all = 0;
    for (let call = 0; call < 20; call++) {
      breaker.isolate('migration').release();
      all += passed(1);
    }
    expect(all).toBe(2);
    expect(breaker.refusal()).toMatchObject({ state: 'recovering' });
    breaker.isolate('migration');
    expect(breaker.refusal()).toMatchObject({ state: 'isolated', retryAfterMs: undefined });
  });

  it('in a dry run refuses nobody, and tells whom it would have refused', async () => {
    const { breaker, passed } = await setUp({ dryRun: true });
    const reasons: string[] = [];
    breaker.on('would-refuse', ({ reason }) => reasons.push(reason));
    passed(2);
    expect(breaker.tryAcquire()).toBeDefined();
    expect(reasons[0]).toBe('it was tripped by hand');
  });

  it('lets everything pass at once when it was told of no recovery', async () => {
    const { breaker, passed } = await setUp({ recovery: undefined });
    expect(breaker.state).toEqual({ name: 'closed' });
    expect(passed(100)).toBe(100);
  });
});

it('names every fault of a recovery', () => {
  const make = () => recoveryRamp({ rampMs: Number.POSITIVE_INFINITY, from: 1, till: 2 } as never);
  expect(make).toThrowError(/recoveryRamp: till is 2.*rampMs is Infinity.*from is 1/);
  expect(() => recoveryRamp(null as never)).toThrowError(/recoveryRamp: options is null/);
});
