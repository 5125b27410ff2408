/**
 * Owns the scenario of a process with many pools, one asked after the other, as one for each tenant is.
 * It must never know a library.
 */
import { PROCESSES } from '../../measure/rounds.ts';
import type { PoolScenario } from '../scenario.ts';
import { takeTurns } from '../turns.ts';

export const POOLS = 10;

export const tenPools: PoolScenario = {
  name: 'ten-pools',
  rows: [
    {
      title: `acquire and release, a connection idle, ${POOLS} pools in turn`,
      unit: '× bare pool',
      budget: 'best peer',
    },
  ],
  groups: [
    ['bare', 'cryo'],
    ['bare', 'lightning-pool'],
    ['bare', 'generic-pool'],
  ],
  repeated: PROCESSES,
  measure: (subjects, rounds) =>
    takeTurns(subjects, rounds, (pool, times, { uncontended }) => uncontended(pool, times), POOLS),
};
