/**
 * Owns the noting of what becomes of each piece of work, on its way through to the database.
 * It must never change an answer or an error.
 */
import type { Database, Errand } from '../data/database.ts';
import type { Session } from '../data/session.ts';
import type { Mode, OutageWatch } from './outage-watch.ts';

/** The same database, with an outage watch looking on. */
export function watchedDatabase(database: Database, outage: OutageWatch): Database {
  const noted = async <Result>(mode: Mode, answer: Promise<Result>): Promise<Result> => {
    const startedMs = performance.now();
    try {
      const result = await answer;
      outage.served(mode, performance.now());
      return result;
    } catch (error) {
      outage.refused(error, performance.now() - startedMs);
      throw error;
    }
  };
  return {
    read: <Result>(errand: Errand, work: (session: Session) => Result) => noted('read', database.read(errand, work)),
    write: <Result>(errand: Errand, work: (session: Session) => Result) => noted('write', database.write(errand, work)),
  };
}
