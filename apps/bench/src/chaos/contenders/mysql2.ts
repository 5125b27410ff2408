/**
 * Owns how mysql2's own pool is set up for a trial. It has no time for waiting; a query has one where the caller gives it.
 * It must never know how the others are.
 */
import { requirePeer } from '../../peers/peers.ts';
import { type ContenderKind, LIMITS } from '../contender.ts';

interface Connection {
  query(options: { readonly sql: string; readonly timeout: number }): Promise<unknown>;
  release(): void;
  destroy(): void;
}

interface Pool {
  getConnection(): Promise<Connection>;
  end(): Promise<void>;
  /** It tells its count to nobody; this is the list that it keeps. */
  readonly pool: { readonly _allConnections: { readonly length: number } };
}

export const mysql2: ContenderKind = {
  name: 'mysql2',
  database: 'mariadb',
  setUp: '`timeout` on each query, destroyed after a fatal error',
  tellsLeases: true,
  lending: 'exclusive',
  async start({ host, port, user, database, password }) {
    const { createPool } = requirePeer<{ createPool(options: object): Pool }>('mysql2/promise');
    const times = { connectTimeout: LIMITS.dialMs };
    const pool = createPool({
      host,
      port,
      user,
      database,
      password: password(),
      connectionLimit: LIMITS.max,
      ...times,
    });
    return {
      async run(sql, leased) {
        const connection = await pool.getConnection();
        leased();
        try {
          const answer = await connection.query({ sql, timeout: LIMITS.operationMs });
          connection.release();
          return answer;
        } catch (error) {
          const isFatal = error instanceof Error && 'fatal' in error && error.fatal === true;
          if (isFatal) connection.destroy();
          else connection.release();
          throw error;
        }
      },
      live: () => pool.pool._allConnections.length,
      close: () => pool.end(),
    };
  },
};
