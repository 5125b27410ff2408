/**
 * Owns how the pools for MariaDB are set up for a measurement, ours as it comes.
 * It must never know what is measured.
 */
import { requirePeer } from '../../peers/peers.ts';
import { CONNECTIONS, NEVER_REACHED_MS, type ServerSubject } from '../subject.ts';

interface Pool {
  query(sql: string, values: readonly unknown[]): Promise<unknown>;
  end(): Promise<void>;
}

export const cryoMysql2: ServerSubject = {
  name: 'cryo',
  async start({ host, port, user, password, database }) {
    const { createMysqlPool } = await import('@cryo/pool-mysql2');
    const pool = createMysqlPool({
      connection: { host, port, user, password, database },
      size: { max: CONNECTIONS },
      acquire: { timeoutMs: NEVER_REACHED_MS },
    });
    return { query: (sql, values) => pool.query(sql, [...values]), close: () => pool.close() };
  },
};

/** It has no time limit for waiting. */
export const mysql2: ServerSubject = {
  name: 'mysql2',
  async start({ host, port, user, password, database }) {
    const { createPool } = requirePeer<{ createPool(options: object): Pool }>('mysql2/promise');
    const pool = createPool({ host, port, user, password, database, connectionLimit: CONNECTIONS });
    return { query: (sql, values) => pool.query(sql, [...values]), close: () => pool.end() };
  },
};
