import { Readable } from 'node:stream';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beside, poolOn } from '../test/servers.ts';
import type { MysqlPoolOptions } from './mysql2-options.ts';
import { coreOf, type MysqlConnection } from './mysql2-types.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startMariadb();
  await beside(server, 'CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(40))');
  await beside(server, "CREATE FUNCTION zone() RETURNS INT BEGIN SET time_zone = '+09:00'; RETURN 1; END");
  await beside(server, 'CREATE FUNCTION note() RETURNS INT BEGIN SET @noted = 1; RETURN 1; END');
  await beside(server, "CREATE FUNCTION take() RETURNS INT RETURN get_lock('taken', 0)");
  await beside(server, 'CREATE PROCEDURE begin_and_fail() BEGIN START TRANSACTION; SIGNAL SQLSTATE "45000"; END');
  await beside(server, 'CREATE TRIGGER noting BEFORE INSERT ON items FOR EACH ROW SET @noted = 1');
  await beside(server, 'CREATE ROLE reader');
  await beside(server, "GRANT reader TO cryo@'%'");
});
afterAll(() => server?.remove());

type Lease = (connection: MysqlConnection) => unknown;
const say =
  (...statements: readonly string[]): Lease =>
  async (connection) => {
    for (const sql of statements) await connection.query(sql).catch(() => {});
  };

/** What the next lease finds, one lease having left something. */
async function left(leave: Lease, question: string, options: Partial<MysqlPoolOptions> = {}): Promise<unknown> {
  const pool = poolOn(server, { size: { min: 0, max: 1 }, ...options });
  await pool.use(leave);
  const [[row]] = await pool.query({ sql: question, rowsAsArray: true });
  return (row as object as readonly unknown[])[0];
}

const onConnect = (sql: string): Partial<MysqlPoolOptions> => ({ onConnect: (connection) => connection.query(sql) });
const isFree = (name: string) => `SELECT is_used_lock('${name}')`;

const stains: readonly (readonly [string, Lease, string, unknown, Partial<MysqlPoolOptions>?])[] = [
  ['a lock by a name in quotes', say("SELECT `get_lock`('a', 0)"), isFree('a'), null],
  ['a lock with a comment before its parenthesis', say("SELECT get_lock/**/('b', 0)"), isFree('b'), null],
  [
    'a lock under ANSI_QUOTES',
    say(`SELECT "get_lock"('c', 0)`),
    isFree('c'),
    null,
    onConnect("SET sql_mode = 'ANSI_QUOTES'"),
  ],
  ['a variable between comments with quotes', say("SELECT 1 /* ' */, @a := 1 /* ' */"), 'SELECT @a', null],
  ['a variable between names with quotes', say("SELECT 1 AS `a'b`, @b := 1 AS `c'd`"), 'SELECT @b', null],
  [
    'a variable between backslashes that escape nothing',
    say("SELECT '\\', @c := 1, '\\'"),
    'SELECT @c',
    null,
    onConnect("SET sql_mode = 'NO_BACKSLASH_ESCAPES'"),
  ],
  ['a variable that is selected into', say('SELECT 1 INTO@d'), 'SELECT @d', null],
  ['a variable that data are loaded into', loadData, 'SELECT @e', null],
  ['a block', say('BEGIN/**/NOT ATOMIC SET @f = 1; END'), 'SELECT @f', null],
  ['a database chosen behind a comment', say('/* now */ USE mysql'), 'SELECT database()', 'cryo'],
  ['a database chosen in a text', say("EXECUTE IMMEDIATE 'USE mysql'"), 'SELECT database()', 'cryo'],
  ['a database chosen in a comment that is executed', say('/*! USE mysql */'), 'SELECT database()', 'cryo'],
  ['a role', say('SET ROLE reader'), 'SELECT current_role()', null],
  ['a setting by a function', say('SELECT zone()'), 'SELECT @@time_zone', 'SYSTEM'],
  ['no setting, after its holder reset it', (lent) => lent.reset(), 'SELECT @g', 1, onConnect('SET @g = 1')],
  [
    'a prepared statement that sets',
    async (lent) => (await lent.prepare('SET @h = ?')).execute([1]),
    'SELECT @h',
    null,
  ],
  ['a setting past the promises', (lent) => coreOf(lent).promise().query('SET @i = 1'), 'SELECT @i', null],
  [
    'how the next transaction will be, before another kind of start',
    say('SET TRANSACTION READ ONLY', 'START ALL SLAVES'),
    'INSERT INTO items VALUES (7, "seven") RETURNING id',
    7,
  ],
  [
    'a transaction that a SELECT began',
    say('SELECT * FROM items'),
    inTransaction(),
    0,
    onConnect('SET autocommit = 0'),
  ],
  [
    'a transaction that a statement began and failed in',
    say('INSERT INTO items VALUES (8, "a"), (8, "b")'),
    inTransaction(),
    0,
    onConnect('SET autocommit = 0'),
  ],
  [
    'a transaction of a procedure that failed',
    say('CALL begin_and_fail()'),
    inTransaction(),
    0,
    { resetLevel: 'transaction' },
  ],
];

const named = stains.map(([name, ...stain]) => [name, stain] as const);

test.each(named)('the next lease does not find %s', async (_, [leave, question, expected, options]) => {
  expect(await left(leave, question, options)).toBe(expected);
});

test('a database that was dropped and made again is chosen again', async () => {
  await beside(server, 'CREATE DATABASE short_lived');
  const connection = server.url.replace(/cryo$/, 'short_lived');
  const again = say('DROP DATABASE short_lived', 'CREATE DATABASE short_lived');
  expect(await left(again, 'SELECT database()', { connection })).toBe('short_lived');
});

test('what functions and triggers set is found where the server is asked to tell', async () => {
  const told = onConnect('SET session_track_state_change = 1');
  expect(await left(say('SELECT note()'), 'SELECT @noted', told)).toBeNull();
  expect(await left(say('REPLACE INTO items VALUES (9, "x")'), 'SELECT @noted', told)).toBeNull();
});

test('nothing at all is left where everything is washed away', async () => {
  expect(await left(say('SELECT take()'), isFree('taken'), { resetLevel: 'everything' })).toBeNull();
  expect(await left(say('SELECT note()'), 'SELECT @noted', { resetLevel: 'everything' })).toBeNull();
});

function inTransaction(): string {
  return 'SELECT count(*) FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = connection_id()';
}

function loadData(connection: MysqlConnection): unknown {
  const sql = "LOAD DATA LOCAL INFILE 'it' INTO TABLE items (id, @e) SET name = 'x'";
  return connection.query({ sql, infileStreamFactory: () => Readable.from([Buffer.from('501\tabc\n')]) });
}
