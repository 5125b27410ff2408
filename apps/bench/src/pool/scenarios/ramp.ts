/**
 * Owns the scenario of a ramp: from nothing to steady load, which wants all connections there are.
 * It must never know a library.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Notes } from '../notes.ts';
import type { PoolScenario } from '../scenario.ts';
import { slowServer } from '../server.ts';
import type { Subject } from '../subject.ts';
import { hold } from './spike.ts';

const MAX = 50;
const DIAL_MS = 20;
const DIALS_AT_ONCE = 10;
const CALLERS = 50;
const REQUESTS = 500;
const HOLD_MS = 100;
const MOST_ROUNDS = 5;

export const ramp: PoolScenario = {
  name: 'ramp',
  rows: [
    {
      title: `ramp, ${REQUESTS} requests of ${HOLD_MS} ms by ${CALLERS} callers, nothing open: time`,
      unit: 'ms',
      budget: 1_100,
    },
    {
      title: `the same: time, over that of the best that ${DIALS_AT_ONCE} dials at once allow`,
      unit: '× the best',
      budget: 1.01,
    },
    { title: 'the same: most dials', unit: 'dials at once', budget: DIALS_AT_ONCE },
  ],
  groups: [['cryo', 'lightning-pool', 'generic-pool', 'pg-pool', 'tarn', 'sequelize-pool', 'mysql2', 'mariadb']],
  async measure(subjects, rounds) {
    const [times, ratios, peaks] = [new Notes(), new Notes(), new Notes()];
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
      const bestMs = await runBest();
      for (const subject of subjects) {
        const one = await runRamp(subject);
        times.add(subject.name, one.elapsedMs);
        ratios.add(subject.name, one.elapsedMs / bestMs);
        peaks.add(subject.name, one.dialPeak);
      }
    }
    return [times.taken, ratios.taken, peaks.taken];
  },
};

async function runRamp(subject: Subject): Promise<{ readonly elapsedMs: number; readonly dialPeak: number }> {
  const server = slowServer(DIAL_MS);
  const pool = subject.start({ server, max: MAX, dialsAtOnce: DIALS_AT_ONCE });
  let left = REQUESTS;
  const call = async (): Promise<void> => {
    while (left-- > 0) await hold(pool, HOLD_MS);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, call));
  return { elapsedMs: performance.now() - startedAt, dialPeak: server.dialPeak };
}

/**
 * What no pool can undercut: dials follow one another without a gap, and each connection is busy from when it is open. Ten more are open after each
 * 20 ms, all 50 after 100; until 1,100 ms the first can end ten requests each, as the last can, and that is all 500. Timers come
 * on top, each up to a ms late: so it is played with the same ones.
 */
async function runBest(): Promise<number> {
  const server = slowServer(DIAL_MS);
  let left = REQUESTS;
  const serve = async (): Promise<void> => {
    while (left-- > 0) await wait(HOLD_MS);
  };
  const dial = async (): Promise<void> => {
    const served: Promise<void>[] = [];
    for (let dials = 0; dials < MAX / DIALS_AT_ONCE; dials++) {
      await server.open();
      served.push(serve());
    }
    await Promise.all(served);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: DIALS_AT_ONCE }, dial));
  return performance.now() - startedAt;
}
