/**
 * Owns the scenario of a spike: for a moment more requests than warm connections, over before a dial could help.
 * It must never know a library.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Notes } from '../notes.ts';
import type { PoolScenario } from '../scenario.ts';
import { type SlowServer, slowServer } from '../server.ts';
import type { Pool, Subject } from '../subject.ts';

const WARM = 5;
const MAX = 20;
const DIAL_MS = 150;
const REQUESTS = 50;
const HOLD_MS = 2;
const WARM_UPS = 10;
const MOST_ROUNDS = 11;

export const spike: PoolScenario = {
  name: 'spike',
  rows: [
    {
      title: `spike, ${REQUESTS} requests of ${HOLD_MS} ms on ${WARM} warm of ${MAX}: new connections`,
      unit: 'dials',
      budget: 2,
    },
    { title: 'the same: time, the bare pool having the warm ones alone', unit: '× bare pool', budget: 1.25 },
  ],
  groups: [
    ['bare', 'cryo', 'lightning-pool', 'generic-pool', 'pg-pool', 'tarn'],
    ['bare', 'mysql2', 'mariadb', 'sequelize-pool'],
  ],
  async measure(subjects, rounds) {
    const [dials, times] = [new Notes(), new Notes()];
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
      for (const subject of subjects) {
        const one = await runSpike(subject);
        if (subject.name !== 'bare') dials.add(subject.name, one.dials);
        times.add(subject.name, one.elapsedMs);
      }
    }
    return [dials.taken, times.taken];
  },
};

async function runSpike(subject: Subject): Promise<{ readonly dials: number; readonly elapsedMs: number }> {
  const server = slowServer(DIAL_MS);
  const pool = subject.start({ server, max: subject.name === 'bare' ? WARM : MAX, min: WARM });
  await warmUp(pool, server);
  const before = server.dials;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: REQUESTS }, () => hold(pool, HOLD_MS)));
  return { elapsedMs: performance.now() - startedAt, dials: server.dials - before };
}

/** The warm ones are open, none beyond them, and requests like those of the spike have been served. */
async function warmUp(pool: Pool, server: SlowServer): Promise<void> {
  const taken = await Promise.all(Array.from({ length: WARM }, () => pool.acquire()));
  for (const held of taken) pool.release(held);
  await Promise.all(
    taken.map(async () => {
      for (let request = 0; request < WARM_UPS; request++) await hold(pool, HOLD_MS);
    }),
  );
  if (server.dials > WARM) throw new Error(`It opened ${server.dials} connections for ${WARM} requests`);
}

export async function hold(pool: Pool, holdMs: number): Promise<void> {
  const held = await pool.acquire();
  await wait(holdMs);
  pool.release(held);
}
