import { seededRandom } from '@cryo/resilience/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Run, runLoop } from './loops.ts';
import type { LoadPlan } from './profiles.ts';

/** A run whose every answer takes `answerMs`, and what came of it. */
function rehearsal(plan: Partial<LoadPlan> & Pick<LoadPlan, 'loop'>, answerMs: number) {
  const ending = new AbortController();
  const startedMs = performance.now();
  const seen = { asked: 0, underWay: 0, mostUnderWay: 0, withheld: 0, latestMs: 0 };
  const run: Run = {
    over: ending.signal,
    elapsedMs: () => performance.now() - startedMs,
    random: seededRandom(1),
    withhold: () => {
      seen.withheld += 1;
    },
    async ask(dueMs) {
      seen.asked += 1;
      seen.underWay += 1;
      seen.mostUnderWay = Math.max(seen.mostUnderWay, seen.underWay);
      seen.latestMs = Math.max(seen.latestMs, run.elapsedMs() - dueMs);
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      seen.underWay -= 1;
    },
  };
  const full: LoadPlan = { profile: 'steady', workers: 1, durationMs: 60_000, seed: 1, ...plan };
  return { seen, end: () => ending.abort(), ended: runLoop(full, run) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a closed loop', () => {
  it('has as many requests under way as workers, each after the answer to the one before', async () => {
    const { seen, end, ended } = rehearsal({ workers: 5, loop: { kind: 'closed', thinkMs: 0 } }, 10);
    await vi.advanceTimersByTimeAsync(995);
    expect(seen).toMatchObject({ asked: 500, mostUnderWay: 5 });
    end();
    await vi.advanceTimersByTimeAsync(10);
    await ended;
    expect(seen).toMatchObject({ asked: 500, underWay: 0 });
  });

  it('leaves most workers idle while its profile is calm', async () => {
    const { seen, end, ended } = rehearsal(
      { profile: 'spike', workers: 100, loop: { kind: 'closed', thinkMs: 0 } },
      10,
    );
    await vi.advanceTimersByTimeAsync(11_000);
    expect(seen.mostUnderWay).toBe(10);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen.mostUnderWay).toBe(100);
    end();
    await vi.advanceTimersByTimeAsync(1_000);
    await ended;
  });

  it('stops thinking as soon as it shall end', async () => {
    const { end, ended } = rehearsal({ loop: { kind: 'closed', thinkMs: 1_000_000 } }, 10);
    await vi.advanceTimersByTimeAsync(100);
    end();
    await ended;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('an open loop', () => {
  it('asks at its rate although nobody answers, and ends when the last answer is in', async () => {
    const { seen, end, ended } = rehearsal({ loop: { kind: 'open', ratePerSecond: 100 } }, 20_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen.asked).toBeGreaterThan(900);
    expect(seen.asked).toBeLessThan(1_100);
    expect(seen.underWay).toBe(seen.asked);
    expect(seen.latestMs).toBeLessThanOrEqual(2);
    end();
    await vi.advanceTimersByTimeAsync(20_000);
    await ended;
    expect(seen.underWay).toBe(0);
  });

  it('withholds what comes while two thousand are under way', async () => {
    const { seen, end, ended } = rehearsal({ loop: { kind: 'open', ratePerSecond: 1_000 } }, 60_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(seen.asked).toBe(2_000);
    expect(seen.withheld).toBeGreaterThan(500);
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    await ended;
  });
});
