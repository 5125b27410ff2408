/**
 * Owns how pg's own pool is set up for a trial, as it comes and as its documentation would have it.
 * It must never know how the others are.
 */
import { requirePeer } from '../../peers/peers.ts';
import { type Contender, type ContenderKind, type Ground, LIMITS } from '../contender.ts';

interface Client {
  query(sql: string): Promise<unknown>;
  release(error?: unknown): void;
}

interface Pg {
  readonly Pool: new (
    options: object,
  ) => {
    connect(): Promise<Client>;
    end(): Promise<void>;
    on(event: 'error', listener: () => void): void;
    totalCount: number;
  };
}

/** A caller has it from the README: connect, query, release. */
async function start({ host, port, user, database, password }: Ground, tuned: object): Promise<Contender> {
  const { Pool } = requirePeer<Pg>('pg');
  const pool = new Pool({ host, port, user, database, password, max: LIMITS.max, ...tuned });
  if (Object.keys(tuned).length > 0) pool.on('error', () => {});
  return {
    async run(sql, leased) {
      const client = await pool.connect();
      leased();
      let fault: unknown;
      try {
        return await client.query(sql);
      } catch (error) {
        fault = error;
        throw error;
      } finally {
        client.release(fault);
      }
    },
    live: () => pool.totalCount,
    close: () => pool.end(),
  };
}

export const pgPool: ContenderKind = {
  name: 'pg-pool',
  database: 'postgres',
  setUp: 'defaults, no listener for errors',
  tellsLeases: true,
  lending: 'exclusive',
  start: (ground) => start(ground, {}),
};

export const pgPoolTuned: ContenderKind = {
  name: 'pg-pool tuned',
  database: 'postgres',
  setUp: '`connectionTimeoutMillis`, `query_timeout`, `keepAlive`, a listener for errors',
  tellsLeases: true,
  lending: 'exclusive',
  start: (ground) =>
    start(ground, {
      connectionTimeoutMillis: LIMITS.acquireMs,
      query_timeout: LIMITS.operationMs,
      keepAlive: true,
    }),
};
