/**
 * Owns how knex is set up for a trial, on either database: its own pool, and `timeout` on each statement.
 * It must never know how the others are.
 */
import { requirePeer } from '../../peers/peers.ts';
import { type ContenderKind, type Database, LIMITS } from '../contender.ts';

interface Knex {
  raw(sql: string): { timeout(ms: number): Promise<unknown> };
  destroy(): Promise<void>;
  readonly client: { readonly pool: { numUsed(): number; numFree(): number } };
}

/** Knex asks a function for the whole connection, and again once that is said to have expired. */
function knex(database: Database, client: string): ContenderKind {
  return {
    name: 'knex',
    database,
    setUp: '`acquireConnectionTimeout`, `.timeout()` on each statement, an expiring connection',
    tellsLeases: false,
    lending: 'exclusive',
    async start(ground) {
      const { host, port, user } = ground;
      const connection = () => {
        const password = ground.password();
        const expirationChecker = () => ground.password() !== password;
        return { host, port, user, database: ground.database, password, expirationChecker };
      };
      const pool = { min: 0, max: LIMITS.max };
      const options = { client, connection, pool, acquireConnectionTimeout: LIMITS.acquireMs };
      const db = requirePeer<(options: object) => Knex>('knex')(options);
      return {
        run: (sql) => db.raw(sql).timeout(LIMITS.operationMs),
        live: () => db.client.pool.numUsed() + db.client.pool.numFree(),
        close: () => db.destroy(),
      };
    },
  };
}

export const knexPg: ContenderKind = knex('postgres', 'pg');
export const knexMysql: ContenderKind = knex('mariadb', 'mysql2');
