/**
 * Owns the short form of the matrix, as tests: our pool alone, some faults, and what is promised rather than how fast.
 * It must never know how a fault is played.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './contender.ts';
import { contenderNamed, OURS } from './contenders.ts';
import type { Outcome } from './fault.ts';
import { faultNamed } from './faults.ts';
import { Stage } from './stage/stage.ts';
import { runTrial, type Schedule } from './trial.ts';

/** Shorter than the recorded matrix, and with one server: what is promised does not depend on the time. */
const SHORT: Schedule = { workers: 40, windowMs: 3_000, strikeAtMs: 600, outageMs: 1_000 };

const CASES: readonly (readonly [fault: string, mostFailed: number])[] = [
  ['terminate', 20],
  ['crash', Number.POSITIVE_INFINITY],
  ['refuse', Number.POSITIVE_INFINITY],
  ['rotate', 20],
  ['demote', 20],
];

/** Defines the tests; a file for each database, so that they run side by side. */
export function testUnderFire(database: Database, title: string): void {
  describe(title, () => cases(database));
}

function cases(database: Database): void {
  let stage: Stage | undefined;
  let reason = '';

  beforeAll(async () => {
    stage = await Stage.set(database).catch((error: unknown) => {
      if (process.env.CRYO_REQUIRE_SERVERS === '1') throw error;
      reason = error instanceof Error ? error.message : String(error);
      return undefined;
    });
  });

  afterAll(() => stage?.strike());

  it.for(CASES)('keeps its promises when struck by %s', async ([name, mostFailed], { skip }) => {
    if (stage === undefined) return skip(`no ${database} to be had: ${reason}`);
    const outcome = await strike(stage, name);
    expect(outcome.failed).toBeLessThanOrEqual(mostFailed);
    expect(outcome.dials).toBeLessThanOrEqual(30);
  });

  async function strike(set: Stage, name: string): Promise<Outcome> {
    const contender = contenderNamed(database, OURS);
    const outcome = await runTrial(set, { kind: contender, fault: faultNamed(name) }, SHORT);
    expect(outcome).toMatchObject({ hung: 0, late: 0, unhandled: [], sessions: outcome.live });
    expect(outcome.succeeded).toBeGreaterThan(0);
    expect(outcome.recoveryMs).toBeDefined();
    return outcome;
  }
}
