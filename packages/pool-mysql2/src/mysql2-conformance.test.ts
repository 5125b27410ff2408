import { driverConformance } from '@cryo/testkit';
import { startProxy } from '@cryo/testkit/chaos';
import { startMariadb } from '@cryo/testkit/servers';
import type { ResultSetHeader } from 'mysql2';
import { afterAll, describe, it } from 'vitest';
import { beside, countConnections, driverFor, strangeServer } from '../test/servers.ts';
import type { MysqlConnection } from './mysql2-types.ts';

const server = await startMariadb();
const proxy = await startProxy({ target: server });
const silent = await strangeServer();
await beside(server, 'CREATE TABLE counted (id INT)');
afterAll(async () => {
  silent.close();
  await proxy.remove();
  await server.remove();
});

const through = server.url.replace(String(server.port), String(proxy.port));
const value = async (connection: MysqlConnection, sql: string) => (await connection.query(sql))[0];
const status = async (connection: MysqlConnection) => {
  const [header] = await connection.query<ResultSetHeader & { readonly serverStatus: number }>('DO 0');
  return header.serverStatus & 1;
};

const hands = {
  use: (connection: MysqlConnection) => connection.query('SELECT 1'),
  breakConnection: (connection: MysqlConnection) => beside(server, `KILL ${connection.threadId}`),
  async silence(_: MysqlConnection) {
    await proxy.apply({ kind: 'silence' });
    return () => proxy.heal();
  },
  countConnections: () => countConnections(server),
  failStatement: (connection: MysqlConnection) => connection.query('SELEC'),
  createUnreachable: () => driverFor({ connection: 'mysql://cryo:cold-as-ice@127.0.0.1:1/cryo' }),
  createSilent: () => driverFor({ connection: `mysql://cryo:cold-as-ice@127.0.0.1:${silent.port}/cryo` }),
  createMisconfigured: () => driverFor({ connection: through.replace('cold-as-ice', 'warm-as-toast') }),
  secrets: ['cold-as-ice', 'warm-as-toast'],
};

const transaction = { leave: (connection: MysqlConnection) => connection.query('BEGIN'), inspect: status };

driverConformance(
  { describe, it },
  {
    ...hands,
    name: 'MariaDB',
    createDriver: () =>
      driverFor({
        connection: through,
        onConnect: (connection) => connection.query("SET time_zone = '+03:00', @greeting = 'hello'"),
      }),
    stains: {
      'an open transaction': transaction,
      'autocommit turned off': {
        leave: (connection) => connection.query('SET autocommit = 0'),
        inspect: (connection) => value(connection, 'SELECT @@autocommit'),
      },
      'a setting': {
        leave: (connection) => connection.query("SET time_zone = '+09:00'"),
        inspect: (connection) => value(connection, 'SELECT @@time_zone'),
      },
      'another character set': {
        leave: (connection) => connection.query('SET NAMES latin1'),
        inspect: (connection) => value(connection, "SELECT @@character_set_client, @@collation_connection, hex('é')"),
      },
      'an isolation level': {
        leave: (connection) => connection.query('SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE'),
        inspect: (connection) => value(connection, 'SELECT @@tx_isolation'),
      },
      'a user variable': {
        leave: (connection) => connection.query("SELECT @greeting := 'bye'"),
        inspect: (connection) => value(connection, 'SELECT @greeting'),
      },
      'a temporary table': {
        leave: (connection) => connection.query('CREATE TEMPORARY TABLE cryo.left_behind (id INT)'),
        inspect: (connection) =>
          connection.query('SELECT * FROM cryo.left_behind').then(
            () => 'there',
            () => 'gone',
          ),
      },
      'another database': {
        leave: (connection) => connection.query('USE mysql'),
        inspect: (connection) => value(connection, 'SELECT database()'),
      },
      'locked tables': {
        leave: (connection) => connection.query('LOCK TABLES cryo.counted READ'),
        inspect: (connection) =>
          connection.query('INSERT INTO cryo.counted VALUES (1)').then(
            () => 'free',
            () => 'locked',
          ),
      },
      'a lock by name': {
        leave: (connection) => connection.query("SELECT get_lock('north', 1)"),
        inspect: async (connection) => [
          connection.threadId ===
            ((await value(connection, "SELECT is_used_lock('north') AS id")) as [{ id: number }])[0].id,
        ],
      },
    },
  },
);

driverConformance(
  { describe, it },
  {
    ...hands,
    name: 'MariaDB, ending transactions only',
    createDriver: () => driverFor({ connection: through, resetLevel: 'transaction', validationQuery: 'SELECT 1' }),
    stains: { 'an open transaction': transaction },
  },
);
