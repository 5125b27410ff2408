/**
 * Owns the scenario of a caller who finds a connection idle.
 * It must never know a library.
 */
import { PROCESSES } from '../../measure/rounds.ts';
import { EACH_BESIDE_BARE, type PoolScenario } from '../scenario.ts';
import { takeTurns } from '../turns.ts';

export const uncontended: PoolScenario = {
  name: 'uncontended',
  rows: [{ title: 'acquire and release, a connection idle', unit: '× bare pool', budget: 2.6 }],
  groups: EACH_BESIDE_BARE,
  repeated: PROCESSES,
  measure: (subjects, rounds) =>
    takeTurns(subjects, rounds, (pool, times, { uncontended }) => uncontended(pool, times)),
};
