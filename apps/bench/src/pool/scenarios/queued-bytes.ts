/**
 * Owns the scenario of what a queued request weighs, its deadline armed.
 * It must never know a library.
 */
import { settledBytes } from '../../measure/bytes.ts';
import { CONNECTIONS, EACH_ALONE, NEVER_REACHED_MS, type PoolScenario } from '../scenario.ts';
import { READY_SERVER } from '../server.ts';
import type { Subject } from '../subject.ts';

const REQUESTS = 20_000;
const MOST_REPETITIONS = 9;

export const queuedBytes: PoolScenario = {
  name: 'queued-bytes',
  rows: [{ title: 'a queued request with its deadline armed, the promise included', unit: 'bytes', budget: 220 }],
  groups: EACH_ALONE,
  flags: ['--expose-gc'],
  async measure(subjects, rounds) {
    const [subject] = subjects;
    if (subject === undefined) return [];
    await weigh(subject);
    const weights: number[] = [];
    for (let repetition = 0; repetition < Math.min(rounds, MOST_REPETITIONS); repetition++)
      weights.push(await weigh(subject));
    return [{ [subject.name]: weights }];
  },
};

/** Pools that are kept until the end: a queue that is collected while another is weighed would be taken off its weight. */
const kept: unknown[] = [];

async function weigh(subject: Subject): Promise<number> {
  const pool = subject.start({ server: READY_SERVER, max: CONNECTIONS, acquireTimeoutMs: NEVER_REACHED_MS });
  await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.acquire()));
  const requests: unknown[] = new Array(REQUESTS).fill(undefined);
  kept.push(pool, requests);
  const before = await settledBytes();
  for (let request = 0; request < REQUESTS; request++) requests[request] = pool.acquire();
  return ((await settledBytes()) - before) / REQUESTS;
}
