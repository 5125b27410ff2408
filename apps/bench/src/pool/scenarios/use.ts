/**
 * Owns the scenario of a query in the one call that acquires, works and releases.
 * It must never know a library.
 */
import { PROCESSES } from '../../measure/rounds.ts';
import type { PoolScenario } from '../scenario.ts';
import { type Slice, takeTurns } from '../turns.ts';

const query = async (): Promise<number> => 1;

export const useSlice: Slice = (pool, times, { used, usedByHand }) =>
  pool.use === undefined ? usedByHand(pool, times, query) : used(pool, times, query);

export const use: PoolScenario = {
  name: 'use',
  rows: [{ title: '`use(work)` around a query that answers at once', unit: '× bare pool', budget: 1.55 }],
  groups: [
    ['bare', 'cryo'],
    ['bare', 'generic-pool'],
  ],
  repeated: PROCESSES,
  measure: (subjects, rounds) => takeTurns(subjects, rounds, useSlice),
};
