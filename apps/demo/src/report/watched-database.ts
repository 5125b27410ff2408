/**
 * Owns the noting of what becomes of each piece of work, on its way through to the database.
 * It must never change an answer or an error.
 */
import type { Database, Errand, Work } from '../data/database.ts';
import type { PoolName, Pools } from '../data/pools.ts';
import type { OutageWatch } from './outage-watch.ts';

/** The same database, with an outage watch looking on. */
export function watchedDatabase(database: Database, pools: Pools<unknown>, outage: OutageWatch): Database {
  const noted = async <Result>(pool: PoolName, answer: Promise<Result>): Promise<Result> => {
    const startedMs = performance.now();
    try {
      const result = await answer;
      outage.served(pool, performance.now());
      return result;
    } catch (error) {
      outage.refused(error, performance.now() - startedMs);
      throw error;
    }
  };
  const [reading, writing]: readonly [PoolName, PoolName] = 'pool' in pools ? ['pool', 'pool'] : ['read', 'write'];
  return {
    read: <Result>(errand: Errand, work: Work<Result>) => noted(reading, database.read(errand, work)),
    write: <Result>(errand: Errand, work: Work<Result>) => noted(writing, database.write(errand, work)),
  };
}
