import { Registry } from '@cryo/resilience';
import { VirtualClock } from '@cryo/resilience/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { snapshotOf } from '../test/snapshots.ts';
import { PoolMetrics } from './pool-metrics.ts';
import { startReporter } from './reporter.ts';
import type { PoolSnapshot } from './snapshot.ts';

interface Line {
  readonly level: string;
  readonly entry: Record<string, unknown>;
  readonly message: string;
}

let clock: VirtualClock;
let metrics: PoolMetrics;
let snapshot: PoolSnapshot;
let lines: Line[];

beforeEach(() => {
  clock = new VirtualClock();
  snapshot = snapshotOf({ connections: { leased: 2 }, breaker: { state: 'open', cause: 'login with hunter2 failed' } });
  metrics = new PoolMetrics({ pool: 'orders', registry: new Registry({ clock }), clock, gauges: () => snapshot });
  lines = [];
});

function logger(write: (line: Line) => unknown = (line) => lines.push(line)) {
  return {
    info: (entry: object, message: string) => write({ level: 'info', entry: { ...entry }, message }) as undefined,
    warn: (entry: object, message: string) => write({ level: 'warn', entry: { ...entry }, message }) as undefined,
  };
}

function start(reportIntervalMs = 300_000, told: ReturnType<typeof logger> | undefined = logger()) {
  const settings = { metrics: { reportIntervalMs, maxLabels: 0 } };
  return startReporter({ settings, metrics, snapshot: () => snapshot, logger: told, timers: clock, clock });
}

describe('the line', () => {
  it('comes once per interval', async () => {
    start();
    await clock.advance(299_999);
    expect(lines).toHaveLength(0);
    await clock.advance(1);
    expect(lines).toHaveLength(1);
    await clock.advance(900_000);
    expect(lines).toHaveLength(4);
  });

  it('says how the pool stands, what happened since the last line and since the start, and how long acquiring took', async () => {
    metrics.leasesGranted.add(3);
    metrics.connectionClosed('lifetime');
    start();
    metrics.leasesGranted.add(1_000);
    metrics.acquireTime.record(2, 1_000);
    metrics.connectionClosed('idle-timeout');
    await clock.advance(300_000);
    metrics.leasesGranted.add(7);
    await clock.advance(300_000);
    expect(lines[0]).toMatchObject({
      level: 'info',
      message:
        "Pool 'orders': 5 of 20 connections live: 2 leased, 3 idle, 0 dialing, 0 waiting, longest lease 0 ms, " +
        'dial breaker open; 1000 leases in 300 s, acquired in 2 ms on average, p95 2 ms, p99 2 ms',
      entry: {
        pool: 'orders',
        state: 'open',
        size: { min: 3, max: 20, absoluteMax: 50 },
        connections: { leased: 2, idle: 3 },
        waiting: 0,
        breaker: 'open',
        acquire: { count: 1_000, averageMs: 2, p95Ms: 2, p99Ms: 2, maxMs: 2 },
        sinceLast: { ageMs: 300_000, leasesGranted: 1_000, connectionsClosed: { 'idle-timeout': 1 } },
        sinceStart: { ageMs: 300_000, leasesGranted: 1_003, connectionsClosed: { 'idle-timeout': 1, lifetime: 1 } },
      },
    });
    expect(lines[1]?.entry).toMatchObject({
      sinceLast: { ageMs: 300_000, leasesGranted: 7 },
      sinceStart: { ageMs: 600_000, leasesGranted: 1_010 },
    });
  });

  it('is a warning when there was trouble since the last one', async () => {
    start();
    metrics.requestRefused('timeout');
    await clock.advance(300_000);
    await clock.advance(300_000);
    metrics.leaks.add();
    await clock.advance(300_000);
    expect(lines.map((line) => line.level)).toEqual(['warn', 'info', 'warn']);
  });

  it('holds numbers and names only, no cause that might hold a secret', async () => {
    start();
    await clock.advance(300_000);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('the reporter', () => {
  it('stops with the pool and leaves no timer', async () => {
    const reporter = start();
    await clock.advance(300_000);
    reporter.stop();
    expect(clock.pending()).toBe(0);
    await clock.advance(900_000);
    expect(lines).toHaveLength(1);
  });

  it('keeps no process alive', () => {
    const kinds: boolean[] = [];
    const timers = {
      set: (_delayMs: number, _run: () => void, { background }: { background: boolean }) => {
        kinds.push(background);
        return { cancel: () => {} };
      },
      afterInput: () => {},
    };
    startReporter({
      settings: { metrics: { reportIntervalMs: 5, maxLabels: 0 } },
      metrics,
      snapshot: () => snapshot,
      logger: logger(),
      timers,
      clock,
    });
    expect(kinds).toEqual([true]);
  });

  it('is not there without a logger, or with an interval of Infinity', () => {
    start(300_000, undefined).stop();
    startReporter({
      settings: { metrics: { reportIntervalMs: 300_000, maxLabels: 0 } },
      metrics,
      snapshot: () => snapshot,
      logger: undefined,
      timers: clock,
      clock,
    }).stop();
    start(Infinity).stop();
    expect(clock.pending()).toBe(0);
  });

  it('survives a logger that throws, one that rejects, and goes on reporting', async () => {
    let said = 0;
    start(
      1_000,
      logger(() => {
        said++;
        if (said === 1) throw new Error('disk full');
        return said === 2 ? Promise.reject(new Error('disk full')) : undefined;
      }),
    );
    await clock.advance(3_000);
    expect(said).toBe(3);
  });

  it('survives a stop from within the logger', async () => {
    const reporter: { stop(): void } = start(
      1_000,
      logger((line) => {
        lines.push(line);
        reporter.stop();
      }),
    );
    await clock.advance(5_000);
    expect(lines).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});
