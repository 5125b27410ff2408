import { driverConformance } from '@cryo/testkit';
import { startProxy } from '@cryo/testkit/chaos';
import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import { afterAll, describe, it } from 'vitest';
import { driverFor, silentServer } from '../test/drivers.ts';
import type { PgConnection } from './pg-types.ts';

const server = await startPostgres();
const proxy = await startProxy({ target: server });
const silent = await silentServer();
const admin = new pg.Client(server.url);
await admin.connect();
afterAll(async () => {
  await admin.end();
  silent.close();
  await proxy.remove();
  await server.remove();
});

let asked: Promise<unknown> = Promise.resolve();
/** Some cases ask at once what a client of pg wants to be asked one after the other. */
function asAdmin(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
  const answer = asked.then(() => admin.query(text, [...values]));
  asked = answer.catch(() => {});
  return answer;
}

const through = server.url.replace(String(server.port), String(proxy.port));
const value = async (connection: PgConnection, text: string) => (await connection.query(text)).rows;
const backendOf = (connection: PgConnection) => (connection as PgConnection & { readonly processID: number }).processID;

const hands = {
  use: (connection: PgConnection) => connection.query('SELECT 1'),
  async breakConnection(connection: PgConnection) {
    const id = backendOf(connection);
    await asAdmin('SELECT pg_terminate_backend($1, 2000)', [id]);
  },
  async silence(_: PgConnection) {
    await proxy.apply({ kind: 'silence' });
    return () => proxy.heal();
  },
  async countConnections() {
    const { rows } = await asAdmin(
      `SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    return rows[0].count as number;
  },
  failStatement: (connection: PgConnection) => connection.query('SELEC'),
  createUnreachable: () => driverFor({ connection: 'postgres://cryo:cold-as-ice@127.0.0.1:1/postgres' }),
  createSilent: () => driverFor({ connection: `postgres://cryo:cold-as-ice@127.0.0.1:${silent.port}/postgres` }),
  createMisconfigured: () => driverFor({ connection: through.replace('cold-as-ice', 'warm-as-toast') }),
  secrets: ['cold-as-ice', 'warm-as-toast'],
};

const transaction = {
  leave: (connection: PgConnection) => connection.query('BEGIN'),
  inspect: async (connection: PgConnection) => connection.getTransactionStatus(),
};
const failedTransaction = {
  async leave(connection: PgConnection) {
    await connection.query('BEGIN');
    await connection.query('SELEC').catch(() => {});
  },
  inspect: transaction.inspect,
};

driverConformance(
  { describe, it },
  {
    ...hands,
    name: 'PostgreSQL',
    createDriver: () => driverFor({ connection: through }),
    stains: { 'an open transaction': transaction, 'a failed transaction': failedTransaction },
  },
);

for (const resetLevel of ['session', 'everything'] as const) {
  driverConformance(
    { describe, it },
    {
      ...hands,
      name: `PostgreSQL, resetting ${resetLevel}`,
      createDriver: () =>
        driverFor({
          connection: through,
          resetLevel,
          onConnect: (connection) => connection.query('SET search_path = public'),
        }),
      stains: {
        'a setting': {
          leave: (connection: PgConnection) => connection.query('SET search_path = pg_temp'),
          inspect: (connection: PgConnection) => value(connection, 'SHOW search_path'),
        },
        'a temporary table': {
          leave: (connection: PgConnection) =>
            connection.query('CREATE TEMPORARY TABLE IF NOT EXISTS left_behind (id int)'),
          inspect: (connection: PgConnection) =>
            value(connection, `SELECT to_regclass('pg_temp.left_behind') IS NULL AS gone`),
        },
        'an advisory lock': {
          leave: (connection: PgConnection) => connection.query('SELECT pg_advisory_lock_shared(1)'),
          inspect: (connection: PgConnection) =>
            value(connection, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()`),
        },
        'a channel listened to': {
          leave: (connection: PgConnection) => connection.query('LISTEN gossip'),
          inspect: (connection: PgConnection) => value(connection, 'SELECT pg_listening_channels()'),
        },
        'an open transaction': transaction,
      },
    },
  );
}
