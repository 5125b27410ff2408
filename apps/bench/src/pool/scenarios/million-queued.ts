/**
 * Owns the scenario of a million requests queued at once, in a process that does nothing else.
 * It must never know a library.
 */
import { processMs } from '../../measure/process-time.ts';
import { DRIVES } from '../drive.ts';
import { CONNECTIONS, type PoolScenario } from '../scenario.ts';
import { startFilled } from '../turns.ts';

const REQUESTS = 1_000_000;
const WARM_UPS = 3;
const WARM_UP_REQUESTS = 20_000;

export const millionQueued: PoolScenario = {
  name: 'million-queued',
  rows: [
    {
      title: '1,000,000 requests queued at once and served by 10 connections, a process each',
      unit: '× bare pool',
      budget: 1.6,
    },
  ],
  groups: [['bare'], ['cryo'], ['lightning-pool'], ['generic-pool'], ['mysql2']],
  repeated: 5,
  flags: ['--max-old-space-size=3500'],
  async measure(subjects) {
    const [subject] = subjects;
    if (subject === undefined) return [];
    const { drained } = DRIVES;
    const pool = await startFilled(subject);
    for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) await drained(pool, CONNECTIONS, WARM_UP_REQUESTS);
    const startedAt = processMs();
    await drained(pool, CONNECTIONS, REQUESTS);
    return [{ [subject.name]: [(processMs() - startedAt) / REQUESTS] }];
  },
};
