/**
 * Owns how `@cryo/pool-pg` is set up for a trial: its defaults, the limits that all have, and pg's own time for a query.
 * It must never know how the others are.
 */
import { type ContenderKind, LIMITS } from '../contender.ts';

export const cryoPg: ContenderKind = {
  name: 'cryo',
  database: 'postgres',
  setUp: 'defaults',
  tellsLeases: true,
  lending: 'exclusive',
  async start({ host, port, user, database, password, writes }) {
    const { createPgPool } = await import('@cryo/pool-pg');
    const pool = createPgPool({
      connection: { host, port, user, database, password, query_timeout: LIMITS.operationMs },
      target: writes ? 'primary' : 'any',
      size: { max: LIMITS.max },
      acquire: { timeoutMs: LIMITS.acquireMs },
    });
    return {
      run: (sql, leased) =>
        pool.use((connection) => {
          leased();
          return connection.query(sql);
        }),
      live: () => {
        const { live, connections } = pool.snapshot();
        return live - connections.dialing;
      },
      close: () => pool.close(),
    };
  },
};
