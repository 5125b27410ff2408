import { Histogram } from '@cryo/resilience';
import { VirtualClock } from '@cryo/resilience/testing';
import { describe, expect, it } from 'vitest';
import { PooledConnection } from './connection.ts';
import { Forecast } from './forecast.ts';
import { LeaseTimes } from './lease-times.ts';
import { Roster } from './roster.ts';

/** The counts of a pool in which leases begin and end as told, and somebody waits since `busySinceMs`. */
function createCounts({ pastHoldMs = 0 } = {}) {
  const clock = new VirtualClock();
  const roster = new Roster<string>();
  const leaseTimes = new LeaseTimes(new Histogram(), new Histogram());
  const queue = { busySinceMs: 0 };
  if (pastHoldMs > 0) leaseTimes.held(pastHoldMs);
  const forecast = new Forecast<string>({ roster, queue, metrics: { leaseTimes } });
  const lent: PooledConnection<string>[] = [];
  return {
    clock,
    roster,
    queue,
    /** Looked at anew. */
    returns(withinMs: number) {
      forecast.expire();
      return forecast.returns(withinMs, clock.now());
    },
    returnsAsKnown: (withinMs: number) => forecast.returns(withinMs, clock.now()),
    lend(count: number) {
      for (let id = 0; id < count; id++) {
        const connection = new PooledConnection<string>({
          id,
          resource: '',
          bornAtMs: 0,
          expiresAtMs: Number.POSITIVE_INFINITY,
          generation: 0,
        });
        roster.admit(connection);
        roster.move(connection, 'idle', clock.now());
        roster.lend(connection, clock.now());
        lent.push(connection);
      }
    },
    /** So many of the oldest leases end, and the next ones on the same connections begin. */
    passOn(count: number) {
      for (const connection of lent.splice(0, count)) {
        leaseTimes.held(clock.now() - connection.leasedAtMs);
        roster.handOver(connection, clock.now());
        lent.push(connection);
      }
    },
  };
}

describe('what is expected to come back', () => {
  it('is nothing where nothing is in use, and all of it where nothing is known', () => {
    const { returns, lend } = createCounts();
    expect(returns(20)).toBe(0);
    lend(3);
    expect(returns(20)).toBe(Number.POSITIVE_INFINITY);
    expect(returns(0)).toBe(0);
  });

  it('is as often as the past says at first: five connections serve 375 leases of 2 ms in 150 ms', () => {
    const { returns, lend } = createCounts({ pastHoldMs: 2 });
    lend(5);
    expect(returns(150)).toBe(375);
  });

  it('is little once time has passed in which none of many leases has ended, although none is old', async () => {
    const { returns, lend, clock } = createCounts();
    lend(10);
    expect(returns(20)).toBe(Number.POSITIVE_INFINITY);
    await clock.advance(2);
    // Twenty ms of leases, and one that is about to end.
    expect(returns(20)).toBe(10);
    await clock.advance(18);
    expect(returns(20)).toBe(1);
  });

  it('follows work that has become long before the first of it ends', async () => {
    const { returns, lend, clock } = createCounts({ pastHoldMs: 2 });
    lend(5);
    expect(returns(20)).toBe(50);
    await clock.advance(8);
    expect(returns(20)).toBe(10);
  });

  it('follows work that has become short as it ends', async () => {
    const { returns, lend, passOn, clock } = createCounts({ pastHoldMs: 1_000 });
    lend(5);
    returns(20);
    for (let round = 0; round < 40; round++) {
      await clock.advance(1);
      passOn(5);
      returns(20);
    }
    expect(returns(20)).toBeGreaterThan(50);
  });

  it('asks leases that have outlived it for their own age, and thinks no worse of the others', async () => {
    const { returns, lend, clock, queue } = createCounts({ pastHoldMs: 2 });
    lend(1);
    await clock.advance(600_000);
    lend(5);
    queue.busySinceMs = clock.now();
    expect(returns(150)).toBeCloseTo(375, 2);
  });

  it('is nearly nothing where all leases are old, and that is known at once', async () => {
    const { returns, lend, clock, queue } = createCounts({ pastHoldMs: 2 });
    lend(5);
    await clock.advance(10_000);
    queue.busySinceMs = clock.now();
    expect(returns(20)).toBeCloseTo(0.01);
  });

  it('is asked of the last one or two such times while leases end: a rush an hour ago says nothing', async () => {
    const { returns, lend, passOn, clock } = createCounts();
    lend(10);
    returns(20);
    for (let ms = 0; ms < 1_000; ms++) {
      await clock.advance(1);
      passOn(10);
      returns(20);
    }
    expect(returns(20)).toBeGreaterThan(100);
    for (let round = 0; round < 20; round++) {
      await clock.advance(100);
      passOn(10);
      returns(20);
    }
    expect(returns(20)).toBeLessThan(4);
  });

  it('stays as it was until it is looked at anew: the first of many that end at once does not speak for all', async () => {
    const { returns, returnsAsKnown, lend, passOn, clock } = createCounts({ pastHoldMs: 2 });
    lend(5);
    expect(returns(150)).toBe(375);
    await clock.advance(20);
    passOn(1);
    expect(returnsAsKnown(150)).toBe(375);
    expect(returns(150)).toBeLessThan(45);
    passOn(4);
    expect(returns(150)).toBeGreaterThan(45);
  });
});
