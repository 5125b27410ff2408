/**
 * Owns the scenario of many requests that time out at the same moment.
 * It must never know a library.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { processMs } from '../../measure/process-time.ts';
import { EACH_ALONE, type PoolScenario } from '../scenario.ts';
import { READY_SERVER } from '../server.ts';
import type { Subject } from '../subject.ts';

const REQUESTS = 20_000;
const TIMEOUT_MS = 500;
const MOST_REPETITIONS = 9;

export const timeoutStorm: PoolScenario = {
  name: 'timeout-storm',
  rows: [{ title: '20,000 requests timing out at once, longest block of the event loop', unit: 'ms', budget: 50 }],
  groups: EACH_ALONE.filter(([name]) => name !== 'bare' && name !== 'mysql2'),
  async measure([subject], rounds) {
    if (subject === undefined) return [];
    const blocks: number[] = [];
    for (let repetition = 0; repetition < Math.min(rounds, MOST_REPETITIONS); repetition++)
      blocks.push(await longestBlockMs(subject));
    return [{ [subject.name]: blocks }];
  },
};

/** The most that the process does between two turns of the loop, from the end of the asking until the last has timed out. */
async function longestBlockMs(subject: Subject): Promise<number> {
  const pool = subject.start({ server: READY_SERVER, max: 1, acquireTimeoutMs: TIMEOUT_MS });
  await pool.acquire();
  let left = REQUESTS;
  const timedOut = (): void => {
    left--;
  };
  for (let request = 0; request < REQUESTS; request++) pool.acquire().catch(timedOut);
  await turn();
  let [longestMs, last] = [0, processMs()];
  while (left > 0) {
    await turn();
    const now = processMs();
    longestMs = Math.max(longestMs, now - last);
    last = now;
  }
  return longestMs;
}
