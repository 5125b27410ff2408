/**
 * Owns the scenario of a ramp: from nothing to steady load, which wants all connections there are.
 * It must never know a library.
 */

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
    { title: 'the same: most dials', unit: 'dials at once', budget: DIALS_AT_ONCE },
  ],
  groups: [['cryo', 'lightning-pool', 'generic-pool', 'pg-pool', 'tarn', 'sequelize-pool', 'mysql2', 'mariadb']],
  async measure(subjects, rounds) {
    const [times, peaks] = [new Notes(), new Notes()];
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
      for (const subject of subjects) {
        const one = await runRamp(subject);
        times.add(subject.name, one.elapsedMs);
        peaks.add(subject.name, one.dialPeak);
      }
    }
    return [times.taken, peaks.taken];
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
