/**
 * Owns the scenario of the one call that acquires, works and releases, in a process with many pools.
 * It must never know a library.
 */
import { PROCESSES } from '../../measure/rounds.ts';
import type { PoolScenario } from '../scenario.ts';
import { takeTurns } from '../turns.ts';
import { POOLS } from './ten-pools.ts';
import { use, useSlice } from './use.ts';

export const tenPoolsUse: PoolScenario = {
  name: 'ten-pools-use',
  rows: [
    {
      title: `\`use(work)\` around a query that answers at once, ${POOLS} pools in turn`,
      unit: '× bare pool',
      budget: 'best peer',
    },
  ],
  groups: use.groups,
  repeated: PROCESSES,
  measure: (subjects, rounds) => takeTurns(subjects, rounds, useSlice, POOLS),
};
