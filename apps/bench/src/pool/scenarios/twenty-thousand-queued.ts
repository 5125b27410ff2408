/**
 * Owns the scenario of a burst: many requests queued at once, then served.
 * It must never know a library.
 */
import { CONNECTIONS, EACH_BESIDE_BARE, type PoolScenario } from '../scenario.ts';
import { takeTurns } from '../turns.ts';

const REQUESTS = 20_000;

export const twentyThousandQueued: PoolScenario = {
  name: 'twenty-thousand-queued',
  rows: [{ title: '20,000 requests queued at once and served by 10 connections', unit: '× bare pool', budget: 1.5 }],
  groups: EACH_BESIDE_BARE,
  measure: (subjects, rounds) =>
    takeTurns(subjects, rounds, async (pool, times, { drained }) => {
      for (let burst = 0; burst < times; burst++) await drained(pool, CONNECTIONS, REQUESTS);
    }),
};
