/**
 * Owns how the pools for PostgreSQL are set up for a measurement, ours as it comes.
 * It must never know what is measured.
 */
import { requirePeer } from '../../peers/peers.ts';
import { CONNECTIONS, NEVER_REACHED_MS, type ServerSubject } from '../subject.ts';

interface Pg {
  readonly Pool: new (
    options: object,
  ) => { query(sql: string, values: readonly unknown[]): Promise<unknown>; end(): Promise<void> };
}

export const cryoPg: ServerSubject = {
  name: 'cryo',
  async start({ host, port, user, password, database }) {
    const { createPgPool } = await import('@cryo/pool-pg');
    const pool = createPgPool({
      connection: { host, port, user, password, database },
      size: { max: CONNECTIONS },
      acquire: { timeoutMs: NEVER_REACHED_MS },
    });
    return { query: (sql, values) => pool.query(sql, [...values]), close: () => pool.close() };
  },
};

export const pgPool: ServerSubject = {
  name: 'pg-pool',
  async start({ host, port, user, password, database }) {
    const { Pool } = requirePeer<Pg>('pg');
    const times = { connectionTimeoutMillis: NEVER_REACHED_MS };
    const pool = new Pool({ host, port, user, password, database, max: CONNECTIONS, ...times });
    return { query: (sql, values) => pool.query(sql, [...values]), close: () => pool.end() };
  },
};
