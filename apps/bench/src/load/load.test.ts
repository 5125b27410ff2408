import { describe, expect, it } from 'vitest';
import type { LoadResult } from './load-order.ts';
import { loadTable, missedBy } from './load-table.ts';
import { Phases } from './phases.ts';

const GOOD: LoadResult = {
  ...{ capacity: 900, waitRatio: 1.1, operations: 1_000, failed: 0 },
  open: { p50: 0.1, p95: 4, p99: 12, longest: 30, late: 1 },
};

describe('the table of loads', () => {
  it('says that everything was met, or what was missed', () => {
    const bad = { ...GOOD, waitRatio: 1.2, failed: 1, open: { ...GOOD.open, p95: 11 } };
    const rows = [GOOD, bad, 'it hung'].map((result) => ({ contender: 'x', workers: 50, result }));
    expect(rows.map(missedBy)).toEqual([[], ['p95 < 10 ms', 'wait ≤ 1.15 × the least', '0 failed'], ['it hung']]);
    expect(loadTable(rows).split('\n')).toHaveLength(5);
  });

  it('asks nobody for a short wait where nobody has to wait', () => {
    expect(missedBy({ contender: 'x', workers: 20, result: { ...GOOD, waitRatio: undefined } })).toEqual([]);
  });
});

describe('a load', () => {
  it('in a closed loop never has more operations at once than workers', async () => {
    const pool = counted();
    const { timings, failed } = await new Phases(pool, 'x').closedLoop(4, 60);
    expect(pool.most).toBe(4);
    expect(timings.length).toBeGreaterThan(4);
    expect(failed).toBe(0);
  });

  it('in an open loop has no more than that either, however many arrive', async () => {
    const pool = counted();
    await new Phases(pool, 'x').openLoop(3, 5_000, 60);
    expect(pool.most).toBe(3);
  });

  it('tells how late arrivals were, for whom a process that was held up cannot answer', async () => {
    const { lateMs, timings } = await new Phases(counted(), 'x').openLoop(3, 500, 60);
    expect(lateMs.length).toBe(timings.length);
    expect(lateMs.every((late) => late >= 0)).toBe(true);
    const blocked = new Phases(counted(), 'x').openLoop(3, 500, 60);
    for (const untilMs = performance.now() + 40; performance.now() < untilMs; );
    expect(Math.max(...(await blocked).lateMs)).toBeGreaterThan(20);
  });

  it('counts what failed apart', async () => {
    const pool = { ...counted(), run: () => Promise.reject(new Error('no')) };
    const { timings, failed } = await new Phases(pool, 'x').closedLoop(2, 30);
    expect(timings).toEqual([]);
    expect(failed).toBeGreaterThan(1);
  });
});

function counted() {
  let now = 0;
  return {
    most: 0,
    async run(_: string, leased: () => void) {
      now += 1;
      this.most = Math.max(this.most, now);
      leased();
      await new Promise((done) => setTimeout(done, 2));
      now -= 1;
    },
    live: () => undefined,
    close: async () => {},
  };
}
