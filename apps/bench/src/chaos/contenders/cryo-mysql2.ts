/**
 * Owns how `@cryo/pool-mysql2` is set up for a trial: its defaults, the limits that all have, and mysql2's own time for a query.
 * It must never know how the others are.
 */
import { type ContenderKind, LIMITS } from '../contender.ts';

export const cryoMysql2: ContenderKind = {
  name: 'cryo',
  database: 'mariadb',
  setUp: 'defaults',
  tellsLeases: true,
  lending: 'exclusive',
  async start({ host, port, user, database, password, writes }) {
    const { createMysqlPool } = await import('@cryo/pool-mysql2');
    const pool = createMysqlPool({
      connection: { host, port, user, database, password },
      target: writes ? 'primary' : 'any',
      size: { max: LIMITS.max },
      acquire: { timeoutMs: LIMITS.acquireMs },
    });
    return {
      run: (sql, leased) =>
        pool.use((connection) => {
          leased();
          return connection.query({ sql, timeout: LIMITS.operationMs });
        }),
      live: () => {
        const { live, connections } = pool.snapshot();
        return live - connections.dialing;
      },
      close: () => pool.close(),
    };
  },
};
