import { AcquireTimeoutError, type PoolSnapshot, ServerUnavailableError } from '@cryo/pool-core';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../cli/arguments.ts';
import { Tally, type TallyReading } from '../load/tally.ts';
import { OutageWatch } from './outage-watch.ts';
import type { PoolSummary } from './pool-watch.ts';
import { createReport, type Findings } from './report.ts';
import { progressLine, reportText } from './text.ts';
import { Timeline } from './timeline.ts';

const SNAPSHOT: PoolSnapshot = {
  pool: 'test',
  state: 'open',
  atMs: 0,
  size: { min: 3, max: 10, absoluteMax: 30 },
  live: 4,
  connections: { dialing: 0, idle: 1, checking: 0, leased: 3, resetting: 0, closing: 0 },
  abandoned: 0,
  waiting: 0,
  oldestWaitMs: 0,
  sheddingSinceMs: undefined,
  oldestLeaseMs: 0,
  suspects: 0,
  peakLeased: 3,
  leasedTimeMs: 0,
  generation: 0,
  breaker: { state: 'closed', notClosedSinceMs: undefined, retryAfterMs: undefined, cause: undefined },
  overloadedUntilMs: undefined,
};

const TIMES = { count: 1, mean: 1, p50: 1, p95: 1, p99: 1, max: 1 };
const SUMMARY: PoolSummary = {
  acquisitionMs: TIMES,
  waitMs: TIMES,
  useMs: TIMES,
  leases: 1,
  peakLeased: 1,
  peakWaiting: 0,
  grows: 1,
  shrinks: 1,
  peakMax: 15,
  breakerStates: ['closed'],
  breakerTrips: 0,
  dials: 3,
  retries: { begun: 0, succeeded: 0, failed: 0 },
  connectionErrors: {},
  validationFailures: 0,
};

function reportOf(argv: readonly string[], tally: Partial<TallyReading>, findings: Partial<Findings> = {}) {
  const given = parseArguments(argv);
  if (given === 'help') throw new Error('help was not asked for');
  return createReport(given, {
    elapsedMs: 1_000,
    pools: { read: SUMMARY, write: SUMMARY },
    health: { status: 'ok', reasons: [] },
    sizeOverTime: [],
    outage: undefined,
    lost: { unanswered: 0, leasesOpen: 0, unhandledRejections: 0 },
    ...findings,
    tally: { ...new Tally().read(), sent: 10, served: 10, ...tally },
  });
}

describe('the verdict', () => {
  const chaos = ['--chaos', 'kill'];

  it('is ok when everything was served', () => {
    expect(reportOf([], {}).ok).toBe(true);
  });

  it('is not ok with any error, unless chaos reigns and it is one of a pool', () => {
    const away = { served: 9, errors: { SERVER_UNAVAILABLE: 1 } };
    expect(reportOf([], away).ok).toBe(false);
    expect(reportOf(chaos, away).ok).toBe(true);
    expect(reportOf(chaos, { served: 9, errors: { INTERNAL: 1 } }).ok).toBe(false);
  });

  it.each(['unanswered', 'leasesOpen', 'unhandledRejections'])('is not ok with any %s, whatever reigns', (loss) => {
    const lost = { unanswered: 0, leasesOpen: 0, unhandledRejections: 0, [loss]: 1 };
    expect(reportOf(chaos, {}, { lost }).ok).toBe(false);
  });

  it('is not ok when nothing at all was served', () => {
    expect(reportOf(chaos, { served: 0, errors: { SERVER_UNAVAILABLE: 10 } }).ok).toBe(false);
  });
});

describe('a tally', () => {
  it('counts what is on its way as unanswered until it is settled', () => {
    const tally = new Tally();
    for (let request = 0; request < 4; request++) tally.sent();
    tally.settled({ kind: 'served' }, 5);
    tally.settled({ kind: 'failed', code: 'QUEUE_FULL' }, 1);
    expect(tally.read()).toMatchObject({ sent: 4, served: 1, unanswered: 2, errors: { QUEUE_FULL: 1 } });
    tally.settled({ kind: 'unanswered', code: 'ECONNRESET' }, 1);
    expect(tally.read()).toMatchObject({ unanswered: 2, errors: { QUEUE_FULL: 1, ECONNRESET: 1 } });
  });
});

describe('a window of chaos', () => {
  const refusal = new ServerUnavailableError(SNAPSHOT, { retryAfterMs: 900, cause: new Error('nobody answers') });

  it('has nothing to report before it is over', () => {
    const watch = new OutageWatch({ read: undefined, write: undefined });
    watch.dialed('read');
    watch.began(100);
    expect(watch.report()).toBeUndefined();
  });

  it('counts dials and refusals within, and the first request served by each pool after', () => {
    const watch = new OutageWatch({ read: undefined, write: undefined });
    watch.refused(refusal, 50);
    watch.began(100);
    watch.dialed('read');
    watch.dialed('write');
    watch.refused(refusal, 2);
    watch.refused(new AcquireTimeoutError(SNAPSHOT, { waitedMs: 500 }), 500);
    watch.served('read', 150);
    watch.healed(3_100);
    watch.dialed('read');
    watch.served('write', 4_000);
    watch.served('read', 4_500);
    watch.served('read', 4_600);
    expect(watch.report()).toMatchObject({
      forMs: 3_000,
      dials: 2,
      firstServedAfterHealingMs: 900,
      failedFastMs: { count: 1, max: 2 },
      byPool: { read: { firstServedAfterHealingMs: 1_400 }, write: { firstServedAfterHealingMs: 900 } },
    });
  });
});

describe('the size over time', () => {
  const fill = (timeline: Timeline, samples: number) => {
    for (let index = 0; index < samples; index++) timeline.add({ ...SNAPSHOT, atMs: 5_000 + index * 250 });
    return timeline.samples.map(({ atMs }) => atMs);
  };

  it('covers a long run from its beginning, thinned out evenly', () => {
    const moments = fill(new Timeline('whole', 8), 100);
    expect(moments.length).toBeLessThanOrEqual(8);
    expect(moments[0]).toBe(0);
    expect(new Set(moments.slice(1).map((atMs, index) => atMs - (moments[index] ?? 0))).size).toBe(1);
    expect(moments.at(-1)).toBeGreaterThan(100 * 250 * 0.75);
  });

  it('keeps the latest where only they matter', () => {
    expect(fill(new Timeline('recent', 3), 10)).toEqual([1_750, 2_000, 2_250]);
  });
});

describe('the words on a terminal', () => {
  it('fit progress in one line of 80 columns also when the figures are large', () => {
    const tally = { ...new Tally().read(), served: 98_765_432, errors: { SERVER_UNAVAILABLE: 123_456 } };
    const busy = { ...SNAPSHOT, waiting: 1_999, connections: { ...SNAPSHOT.connections, leased: 30 } };
    expect(progressLine(86_400_000, tally, 9_999, busy).length).toBeLessThanOrEqual(80);
  });

  it('say what was lost and what the verdict is', () => {
    const lost = { unanswered: 2, leasesOpen: 1, unhandledRejections: 0 };
    const text = reportText(reportOf([], { served: 8 }, { lost }));
    expect(text).toContain('2 unanswered, 1 leases open, 0 unhandled rejections');
    expect(text).toMatch(/verdict +failed\n$/);
  });
});
