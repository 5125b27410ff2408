/**
 * Owns how the pool of the mariadb connector is set up for a trial.
 * It must never know how the others are.
 */
import { requirePeer } from '../../peers/peers.ts';
import { type ContenderKind, LIMITS } from '../contender.ts';

interface Connection {
  query(sql: string): Promise<unknown>;
  release(): Promise<void>;
}

interface Pool {
  getConnection(): Promise<Connection>;
  end(): Promise<void>;
  totalConnections(): number;
}

export const mariadb: ContenderKind = {
  name: 'mariadb',
  database: 'mariadb',
  setUp: '`acquireTimeout`, `connectTimeout`, `socketTimeout`',
  tellsLeases: true,
  lending: 'exclusive',
  async start({ host, port, user, database, password }) {
    const { createPool } = requirePeer<{ createPool(options: object): Pool }>('mariadb');
    const times = {
      acquireTimeout: LIMITS.acquireMs,
      connectTimeout: LIMITS.dialMs,
      socketTimeout: LIMITS.operationMs,
    };
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
          return await connection.query(sql);
        } finally {
          connection.release().catch(() => {});
        }
      },
      live: () => pool.totalConnections(),
      close: () => pool.end(),
    };
  },
};
