import { Registry } from '@cryo/resilience';
import { VirtualClock } from '@cryo/resilience/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { snapshotOf } from '../test/snapshots.ts';
import { type Health, HealthView } from './health.ts';
import { PoolMetrics } from './pool-metrics.ts';
import type { PoolSnapshot } from './snapshot.ts';

const START_MS = 7_003;

let metrics: PoolMetrics;
let view: HealthView;
let now: number;
let leasedTimeMs: number;
let latest: PoolSnapshot;

beforeEach(() => {
  const clock = new VirtualClock();
  metrics = new PoolMetrics({ pool: 'orders', registry: new Registry({ clock }), clock, gauges: () => latest });
  view = new HealthView(metrics, { queueLimit: 100 });
  now = START_MS;
  leasedTimeMs = 0;
  tick();
});

type Look = Parameters<typeof snapshotOf>[0] & { readonly leased?: number };

function look({ leased = 0, ...changes }: Look = {}): PoolSnapshot {
  return snapshotOf({ atMs: now, leasedTimeMs, connections: { leased }, ...changes });
}

function tick(told: Look = {}): void {
  latest = look(told);
  view.tick(now, latest);
}

/** Time passes as the keeper sees it, a look per second. */
function pass(seconds: number, told: Look = {}): void {
  for (let second = 0; second < seconds; second++) {
    now += 1_000;
    leasedTimeMs += (told.leased ?? 0) * 1_000;
    tick(told);
  }
}

function health(told: Look = {}): Health {
  return view.read(now, look(told));
}

function codes(told: Look = {}): string[] {
  return health(told).reasons.map((reason) => reason.code);
}

function acquire(count: number, waitedMs: number): void {
  metrics.acquireTime.record(waitedMs, count);
  metrics.leasesGranted.add(count);
}

describe('a pool without trouble', () => {
  it('is ok, before its first tick too', () => {
    expect(health()).toEqual({ status: 'ok', reasons: [] });
    expect(new HealthView(metrics).read(0, look())).toEqual({ status: 'ok', reasons: [] });
    expect(Object.isFrozen(health())).toBe(true);
  });
});

describe('slow acquisition', () => {
  it('is a 95th percentile above 100 ms over the last minute', () => {
    acquire(94, 1);
    acquire(6, 150);
    expect(health()).toMatchObject({
      status: 'degraded',
      reasons: [
        {
          code: 'acquisition-slow',
          threshold: 100,
          message: expect.stringMatching(/^95 % of acquisitions took up to 1(49|5\d) ms$/),
        },
      ],
    });
    expect(health().reasons[0]?.value).toBeCloseTo(150, -1);
  });

  it('is none at five of a hundred, nor at 100 ms', () => {
    acquire(95, 1);
    acquire(5, 150);
    expect(codes()).toEqual([]);
    acquire(900, 100);
    expect(codes()).toEqual([]);
  });

  it('is also more than five of a hundred requests that ran out of time, who were slower than all', () => {
    acquire(94, 1);
    for (let request = 0; request < 6; request++) metrics.requestRefused('timeout');
    expect(health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'acquisition-slow', value: 0.06, threshold: 0.05, message: '6 % of requests ran out of time' }],
    });
  });

  it('counts requests that ran out of time among the slow ones', () => {
    acquire(94, 1);
    acquire(4, 150);
    for (let request = 0; request < 2; request++) metrics.requestRefused('timeout');
    expect(health().reasons).toMatchObject([{ code: 'acquisition-slow', threshold: 100 }]);
    expect(health().reasons[0]?.value).toBeCloseTo(150, -1);
  });

  it('is seen where nobody got anything', () => {
    metrics.requestRefused('timeout');
    expect(health().reasons).toMatchObject([{ code: 'acquisition-slow', value: 1, threshold: 0.05 }]);
  });

  it('is forgotten after a minute, and not before fifty seconds', () => {
    acquire(10, 500);
    tick();
    pass(50);
    expect(codes()).toEqual(['acquisition-slow']);
    pass(10);
    expect(codes()).toEqual([]);
  });

  it('is forgotten after a pause of any length without a tick, such as a freeze of the process', () => {
    acquire(10, 500);
    tick();
    now += 50_000;
    expect(codes()).toEqual(['acquisition-slow']);
    now += 10_000;
    expect(codes()).toEqual([]);
    now += 3_600_000;
    expect(codes()).toEqual([]);
    acquire(1, 500);
    expect(codes()).toEqual(['acquisition-slow']);
  });

  it('is seen when it happened during a stall, before the next tick', () => {
    now += 70_000;
    acquire(5, 70_000);
    tick();
    expect(codes()).toEqual(['acquisition-slow']);
  });
});

describe('high utilization', () => {
  it('is a time-weighted mean of leased / max above 0.8', () => {
    pass(59, { leased: 17 });
    expect(health().reasons).toMatchObject([{ code: 'utilization-high', value: 0.85, threshold: 0.8 }]);
    expect(health().reasons[0]?.message).toBe('85 % of the connections allowed were leased on average');
  });

  it('is none at 0.8', () => {
    pass(59, { leased: 16 });
    expect(codes()).toEqual([]);
  });

  it('is measured against the maximum in force, not the one of today', () => {
    pass(59, { leased: 9, size: { max: 10 } });
    expect(codes({ size: { max: 20 } })).toEqual(['utilization-high']);
  });

  it('weighs every maximum by its time', () => {
    pass(25, { leased: 9, size: { max: 10 } });
    pass(25, { leased: 9, size: { max: 20 } });
    expect(codes({ size: { max: 20 } })).toEqual([]);
  });

  it('is forgotten after a minute of rest', () => {
    pass(59, { leased: 20 });
    pass(9, { leased: 0 });
    expect(codes()).toEqual(['utilization-high']);
    pass(60, { leased: 0 });
    expect(codes()).toEqual([]);
  });
});

describe('connection errors', () => {
  function fail(count: number): void {
    for (let error = 0; error < count; error++) metrics.connectionError('connection-lost');
  }

  it('are more than one in a hundred dials and leases', () => {
    metrics.leasesGranted.add(150);
    for (let dial = 0; dial < 50; dial++) metrics.dialStarted(0);
    fail(2);
    expect(codes()).toEqual([]);
    fail(1);
    expect(health().reasons).toMatchObject([
      {
        code: 'connection-errors',
        value: 0.015,
        threshold: 0.01,
        message: '3 connection errors in 50 dials and 150 leases',
      },
    ]);
  });

  it('are no reason among fewer than twenty dials and leases', () => {
    metrics.leasesGranted.add(19);
    fail(19);
    expect(codes()).toEqual([]);
    metrics.leasesGranted.add(1);
    expect(codes()).toEqual(['connection-errors']);
  });

  it('are forgotten after a minute', () => {
    metrics.leasesGranted.add(20);
    fail(5);
    tick();
    pass(61);
    expect(codes()).toEqual([]);
  });
});

describe('the dial breaker', () => {
  it('is a reason once it has not been closed for five minutes on end', () => {
    const breaker = { state: 'half-open', notClosedSinceMs: START_MS, cause: 'connect ECONNREFUSED' } as const;
    now = START_MS + 299_999;
    expect(codes({ breaker, leased: 1 })).toEqual([]);
    now = START_MS + 300_000;
    expect(health({ breaker, leased: 1 })).toMatchObject({
      status: 'degraded',
      reasons: [
        {
          code: 'breaker-open',
          value: 300_000,
          threshold: 300_000,
          message: 'the dial breaker has not been closed for 300 s: connect ECONNREFUSED',
        },
      ],
    });
  });
});

describe('background checks', () => {
  it('are a reason once more than three in a row failed, and none once one passed', () => {
    for (let check = 0; check < 3; check++) metrics.checkFailed('background');
    expect(codes()).toEqual([]);
    metrics.checkFailed('background');
    expect(health().reasons).toMatchObject([{ code: 'health-checks-failing', value: 4, threshold: 3 }]);
    metrics.healthCheckPassed();
    expect(codes()).toEqual([]);
  });

  it('are another matter than checks before lending', () => {
    for (let check = 0; check < 9; check++) metrics.checkFailed('borrow');
    expect(codes()).toEqual([]);
  });
});

describe('a pool is down exactly when a request now would be refused', () => {
  const open = { state: 'open', notClosedSinceMs: START_MS, cause: 'connect ECONNREFUSED' } as const;
  const none = { idle: 0, leased: 0, checking: 0, resetting: 0 };

  it('while the server is down and no connection is left that could serve', () => {
    expect(health({ breaker: open, connections: none })).toMatchObject({
      status: 'down',
      reasons: [
        {
          code: 'unavailable',
          message: 'the server is unavailable and no connection is left: connect ECONNREFUSED',
        },
      ],
    });
    expect(health({ breaker: { ...open, state: 'half-open' }, connections: { ...none, dialing: 1 } }).status).toBe(
      'down',
    );
  });

  it.each(['idle', 'leased', 'checking', 'resetting'])('not while one is %s, though the server is down', (state) => {
    expect(health({ breaker: open, connections: { ...none, [state]: 1 } }).status).toBe('ok');
  });

  it('not while the breaker is closed or there is none, though no connection is left', () => {
    expect(health({ connections: none }).status).toBe('ok');
    expect(health({ connections: none, breaker: { state: 'off' } }).status).toBe('ok');
  });

  it('not while it is suspended: requests wait', () => {
    expect(health({ breaker: open, connections: none, state: 'suspended' }).status).toBe('ok');
  });

  it('while the queue is full', () => {
    expect(health({ waiting: 99 }).status).toBe('ok');
    expect(health({ waiting: 100 })).toMatchObject({
      status: 'down',
      reasons: [{ code: 'queue-full', value: 100, threshold: 100 }],
    });
  });

  it.each(['closing', 'closed'] as const)('while it is %s', (state) => {
    expect(health({ state, breaker: open, connections: none })).toMatchObject({
      status: 'down',
      reasons: [{ code: 'closed', message: `the pool is ${state}` }],
    });
  });

  it('with all other reasons beside the one that refuses', () => {
    acquire(30, 500);
    for (let check = 0; check < 4; check++) metrics.checkFailed('background');
    expect(codes({ breaker: open, connections: none })).toEqual([
      'acquisition-slow',
      'health-checks-failing',
      'unavailable',
    ]);
  });
});
