/**
 * Owns how generic-pool is set up for a trial, with clients of pg in it.
 * It must never know how the others are.
 */
import { requirePeer } from '../../peers/peers.ts';
import { type ContenderKind, LIMITS } from '../contender.ts';

interface Client {
  connect(): Promise<unknown>;
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

interface Pool {
  acquire(): Promise<Client>;
  release(client: Client): Promise<void>;
  destroy(client: Client): Promise<void>;
  drain(): Promise<void>;
  clear(): Promise<void>;
  readonly size: number;
}

interface GenericPool {
  createPool(factory: { create(): Promise<Client>; destroy(client: Client): Promise<void> }, options: object): Pool;
}

export const genericPool: ContenderKind = {
  name: 'generic-pool',
  database: 'postgres',
  setUp: '`acquireTimeoutMillis`; clients of pg with `query_timeout`, destroyed after an error',
  tellsLeases: true,
  lending: 'exclusive',
  async start({ host, port, user, database, password }) {
    const { Client } = requirePeer<{ readonly Client: new (options: object) => Client }>('pg');
    const times = { query_timeout: LIMITS.operationMs, connectionTimeoutMillis: LIMITS.dialMs };
    const create = async () => {
      const client = new Client({ host, port, user, database, password, ...times });
      client.on('error', () => {});
      await client.connect();
      return client;
    };
    const destroy = (client: Client) => client.end();
    const limits = { max: LIMITS.max, acquireTimeoutMillis: LIMITS.acquireMs };
    const pool = requirePeer<GenericPool>('generic-pool').createPool({ create, destroy }, limits);
    return {
      async run(sql, leased) {
        const client = await pool.acquire();
        leased();
        try {
          const answer = await client.query(sql);
          pool.release(client).catch(() => {});
          return answer;
        } catch (error) {
          pool.destroy(client).catch(() => {});
          throw error;
        }
      },
      live: () => pool.size,
      close: () => pool.drain().then(() => pool.clear()),
    };
  },
};
