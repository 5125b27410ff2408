/**
 * Owns the scenario of a process with many pools, one asked after the other, as one for each tenant is.
 * It must never know a library.
 */
import type { RawResult } from '../../measure/result.ts';
import { PROCESSES } from '../../measure/rounds.ts';
import type { Drives } from '../drive.ts';
import type { PoolScenario } from '../scenario.ts';
import type { Pool, Subject } from '../subject.ts';
import { startFilled, takeTurns } from '../turns.ts';
import { query } from './use.ts';

const POOLS = 10;

export const tenPools: PoolScenario = {
  name: 'ten-pools',
  rows: [
    {
      title: `acquire and release, a connection idle, ${POOLS} pools in turn`,
      unit: '× bare pool',
      budget: 'best peer',
    },
    {
      title: `\`use(work)\` around a query that answers at once, ${POOLS} pools in turn`,
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
  async measure(subjects, rounds) {
    const lease = (pool: Pool, times: number, { uncontended }: Drives) => uncontended(pool, times);
    const use = (pool: Pool, times: number, { used, usedByHand }: Drives) =>
      pool.use === undefined ? usedByHand(pool, times, query) : used(pool, times, query);
    const results: RawResult[] = [];
    for (const slice of [lease, use]) results.push(...(await takeTurns(subjects, rounds, slice, startInTurn)));
    return results;
  },
};

/** Many pools that look like one to a single caller: each lease is another pool's. */
async function startInTurn(subject: Subject): Promise<Pool> {
  const pools = await Promise.all(Array.from({ length: POOLS }, () => startFilled(subject)));
  let turn = 0;
  const last = (): Pool => pools[turn] as Pool;
  const next = (): Pool => {
    turn = turn + 1 === POOLS ? 0 : turn + 1;
    return last();
  };
  return {
    acquire: () => next().acquire(),
    release: (held) => last().release(held),
    connectionOf: (held) => last().connectionOf(held),
    close: (limitMs) => Promise.all(pools.map((pool) => pool.close(limitMs))),
    ...(last().use !== undefined && { use: (work) => (next() as Required<Pool>).use(work) }),
  };
}
