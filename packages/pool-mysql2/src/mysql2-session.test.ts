import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beside, poolOn } from '../test/servers.ts';
import type { MysqlPool } from './mysql2-pool.ts';
import { coreOf, type MysqlConnection } from './mysql2-types.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startMariadb();
  await beside(server, 'CREATE TABLE items (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40))');
});
afterAll(() => server?.remove());

/** What is sent for the lease itself, and what the pool sends after it. */
async function sentAfter(pool: MysqlPool, work: (connection: MysqlConnection) => unknown): Promise<readonly string[]> {
  const said: string[] = [];
  let from = 0;
  await pool.use(async (connection) => {
    const core = coreOf(connection);
    const { addCommand } = core;
    core.addCommand = (command) => {
      said.push(command.sql ?? command.constructor.name);
      return addCommand.call(core, command);
    };
    await work(connection);
    from = said.length;
  });
  await pool.use(() => 1);
  return said.slice(from);
}

const one = (options: Parameters<typeof poolOn>[1] = {}) => poolOn(server, { size: { min: 0, max: 1 }, ...options });

test.each([
  ['SELECT', "SELECT * FROM items WHERE name = 'a@b.c'"],
  ['a change', "INSERT INTO items (name) VALUES ('set'), ('use;')"],
  ['an update', "/* by hand */ UPDATE items SET name = 'x' WHERE id = 1"],
  ['a table', 'CREATE TABLE IF NOT EXISTS others (id INT)'],
  ['a statement that fails', 'SELECT nothing'],
])('%s costs the pool no round trip afterwards', async (_, sql) => {
  const statement = (connection: MysqlConnection) => connection.query(sql).catch(() => {});
  expect(await sentAfter(one(), statement)).toEqual([]);
});

test.each([
  ['a statement that nobody knows', 'SELEC'],
  ['a user variable set on the way', 'SELECT @a := 1'],
  ['a user variable selected into', 'SELECT 1 INTO @a'],
  ['a comment that is executed', '/*!50000 SET @a = 1 */'],
  ['a procedure', 'CALL nothing()'],
  ['a block', 'BEGIN NOT ATOMIC SET @a = 1; END'],
  ['a temporary table', 'CREATE OR REPLACE TEMPORARY TABLE t (id INT)'],
])('%s costs a reset', async (_, sql) => {
  const statement = (connection: MysqlConnection) => connection.query(sql).catch(() => {});
  expect(await sentAfter(one(), statement)).toEqual(['ResetConnection']);
});

test('a second statement counts where the connection allows several in one', async () => {
  const connection = `${server.url}?multipleStatements=true`;
  const statement = (lent: MysqlConnection) => lent.query('SELECT 1; SET @a = 1');
  expect(await sentAfter(one({ connection }), statement)).toEqual(['ResetConnection']);
});

test('a transaction that was ended costs nothing afterwards, and one left open one ROLLBACK', async () => {
  const ended = async (connection: MysqlConnection) => {
    await connection.beginTransaction();
    await connection.query("INSERT INTO items (name) VALUES ('kept')");
    await connection.commit();
  };
  expect(await sentAfter(one(), ended)).toEqual([]);
  expect(await sentAfter(one(), (connection) => connection.beginTransaction())).toEqual(['ROLLBACK']);
});

test('prepared statements outlive a rollback', async () => {
  const pool = one();
  await pool.use(async (connection) => {
    await connection.beginTransaction();
    await connection.execute('SELECT ?', [1]);
  });
  const [[before]] = await pool.query("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
  await pool.execute('SELECT ?', [2]);
  const [[after]] = await pool.query("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
  expect(after).toEqual(before);
});

test('a setting costs a reset, and the set-up is made anew', async () => {
  const pool = one({ onConnect: (connection) => connection.query("SET time_zone = '+01:00'") });
  const sent = await sentAfter(pool, (connection) => connection.query("SET time_zone = '+02:00'"));
  expect(sent).toEqual(['ResetConnection', "SET time_zone = '+01:00'"]);
});

test('text goes through whole after another character set was left behind', async () => {
  const pool = one();
  await pool.query('SET NAMES latin1');
  const [rows] = await pool.query("SELECT hex('é') AS bytes, ? AS text", ['Größe ☃']);
  expect(rows).toEqual([{ bytes: 'C3A9', text: 'Größe ☃' }]);
});

test('a connection whose user was changed is replaced', async () => {
  await beside(server, "CREATE USER other@'%' IDENTIFIED BY 'x'");
  await beside(server, "GRANT SELECT ON cryo.* TO other@'%'");
  const pool = one();
  await pool.use((connection) => connection.changeUser({ user: 'other', password: 'x' }));
  const [[row]] = await pool.query('SELECT current_user() AS user');
  expect(row?.user).toBe('cryo@%');
});

test('a connection without a database whose lease chose one is replaced', async () => {
  const { host, port, user, password } = server;
  const pool = one({ connection: { host, port, user, password } });
  await pool.query('USE mysql');
  const [rows] = await pool.query('SELECT database() AS name');
  expect(rows).toEqual([{ name: null }]);
});

test('a statement that nobody awaited has its answer before the next lease begins', async () => {
  const pool = one();
  let forgotten: Promise<unknown> = Promise.resolve();
  await pool.use((connection) => {
    forgotten = connection.query('SELECT sleep(0.2)');
  });
  let settled = false;
  void forgotten.then(() => {
    settled = true;
  });
  await pool.use(() => expect(settled).toBe(true));
});
