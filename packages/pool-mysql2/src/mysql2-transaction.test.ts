import { startProxy } from '@cryo/testkit/chaos';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import type { ResultSetHeader } from 'mysql2';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { beside, poolOn } from '../test/servers.ts';
import type { MysqlPool } from './mysql2-pool.ts';
import { coreOf, type MysqlConnection } from './mysql2-types.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startMariadb();
  await beside(server, 'CREATE TABLE stock (item VARCHAR(20) PRIMARY KEY, quantity INT NOT NULL)');
});
beforeEach(() => beside(server, "REPLACE INTO stock VALUES ('a', 10), ('b', 10)"));
afterAll(() => server?.remove());

const take = (connection: MysqlConnection, item: string, count = 1) =>
  connection.query<ResultSetHeader>('UPDATE stock SET quantity = quantity - ? WHERE item = ?', [count, item]);
const quantities = async () =>
  (await beside(server, 'SELECT quantity FROM stock ORDER BY item')).map((row) => row.quantity);

/** What the server was told, in order, once the pool has connected. */
function statements(pool: MysqlPool): Promise<readonly string[]> {
  return pool.use((connection) => {
    const said: string[] = [];
    const core = coreOf(connection);
    const { addCommand } = core;
    core.addCommand = (command) => {
      said.push(command.sql ?? command.constructor.name);
      return addCommand.call(core, command);
    };
    return said;
  });
}

test('a transaction commits what its work did, and rolls back whatever is thrown', async () => {
  const pool = poolOn(server);
  await pool.transaction((connection) => take(connection, 'a'));
  expect(await quantities()).toEqual([9, 10]);
  const failure = new Error('no');
  const failing = pool.transaction(async (connection) => {
    await take(connection, 'a');
    throw failure;
  });
  await expect(failing).rejects.toBe(failure);
  expect(await quantities()).toEqual([9, 10]);
});

test('isolation and access are asked of the server, and of no transaction but this one', async () => {
  const pool = poolOn(server, { size: { min: 0, max: 1 } });
  const said = await statements(pool);
  await pool.transaction(() => 1, { isolation: 'serializable', readOnly: true });
  await pool.query('SELECT 1');
  expect(said).toEqual([
    ...['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'START TRANSACTION READ ONLY', 'COMMIT', 'SELECT 1'],
  ]);
  const writing = pool.transaction((connection) => take(connection, 'a'), { readOnly: true });
  await expect(writing).rejects.toMatchObject({ errno: 1792 });
});

test('a nested transaction that fails leaves the outer one whole', async () => {
  const pool = poolOn(server);
  await pool.transaction(async (connection, context) => {
    await take(connection, 'a');
    const inner = context.transaction(async () => {
      await take(connection, 'b');
      throw new Error('no');
    });
    await expect(inner).rejects.toThrow('no');
  });
  expect(await quantities()).toEqual([9, 10]);
});

test('a deadlock is tried again, and both transactions get through', async () => {
  const pool = poolOn(server);
  await deadlock(pool, (connection, item) => take(connection, item));
  expect(await quantities()).toEqual([8, 8]);
});

test('a deadlock whose error is swallowed is not taken for committed', async () => {
  const pool = poolOn(server);
  await deadlock(pool, (connection, item) => take(connection, item).catch(() => {}));
  expect(await quantities()).toEqual([8, 8]);
});

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

type Second = (connection: MysqlConnection, item: string, attempt: number) => Promise<unknown>;

/** Two transactions that take both items in opposite orders, and wait for each other's first the first time. */
function deadlocked(pool: MysqlPool, second: Second): Promise<PromiseSettledResult<void>[]> {
  const gates = [gate(), gate()];
  const run = (own: number, items: readonly [string, string]) =>
    pool.transaction(async (connection, { attempt }) => {
      await take(connection, items[0]);
      gates[own]?.open();
      await gates[1 - own]?.opened;
      await second(connection, items[1], attempt);
    });
  return Promise.allSettled([run(0, ['a', 'b']), run(1, ['b', 'a'])]);
}

async function deadlock(pool: MysqlPool, second: Second): Promise<void> {
  let attempts = 0;
  const settled = await deadlocked(pool, (...given) => {
    attempts++;
    return second(...given);
  });
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  expect(attempts).toBeGreaterThan(2);
}

test('a COMMIT whose answer is lost has an unknown outcome, and is not tried again', async () => {
  const proxy = await startProxy({ target: server });
  try {
    const pool = poolOn(server, { connection: server.url.replace(String(server.port), String(proxy.port)) });
    let attempts = 0;
    const lost = pool.transaction(async (connection) => {
      attempts++;
      await take(connection, 'a');
      await proxy.apply({ kind: 'silence' });
      const { query } = connection;
      connection.query = ((sql: string) => {
        setImmediate(() => proxy.resetLinks());
        return query.call(connection, { sql });
      }) as typeof query;
    });
    await expect(lost).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' });
    expect(attempts).toBe(1);
    expect(pool.snapshot().connections.leased).toBe(0);
  } finally {
    await proxy.remove();
  }
});

test('a COMMIT on a connection that had ended before is none, and known to be none', async () => {
  const pool = poolOn(server);
  const ended = pool.transaction(async (connection) => {
    await take(connection, 'a');
    const gone = new Promise((resolve) => coreOf(connection).once('error', resolve));
    await beside(server, `KILL ${connection.threadId}`);
    await gone;
  });
  await expect(ended).rejects.toMatchObject({ code: 'COMMIT_REFUSED' });
  expect(await quantities()).toEqual([10, 10]);
  expect(pool.snapshot().connections.leased).toBe(0);
  await expect(pool.query('SELECT 1')).resolves.toBeDefined();
});

test('a COMMIT that a demoted server refuses is no commit, and known to be none', async () => {
  await beside(server, "CREATE OR REPLACE USER low@'%' IDENTIFIED BY 'x'");
  await beside(server, "GRANT SELECT, UPDATE ON cryo.* TO low@'%'");
  const { host, port, database } = server;
  const pool = poolOn(server, { connection: { host, port, database, user: 'low', password: 'x' } });
  try {
    const refused = pool.transaction(async (connection) => {
      await take(connection, 'a');
      await beside(server, 'SET GLOBAL read_only = 1');
    });
    await expect(refused).rejects.toMatchObject({ code: 'COMMIT_REFUSED', cause: { errno: 1290 } });
  } finally {
    await beside(server, 'SET GLOBAL read_only = 0');
  }
  expect(await quantities()).toEqual([10, 10]);
});

test('a swallowed lock wait timeout takes its statement back, and what else was done is committed', async () => {
  expect(await swallowLockWait(server)).toBe(1);
  expect(await quantities()).toEqual([9, 10]);
});

test('where a lock wait timeout ends the whole transaction, all of it is tried again', async () => {
  const strict = await startMariadb({ flags: ['--innodb-rollback-on-timeout=ON'] });
  onTestFinished(() => strict.remove());
  await beside(strict, 'CREATE TABLE stock (item VARCHAR(20) PRIMARY KEY, quantity INT NOT NULL)');
  await beside(strict, "INSERT INTO stock VALUES ('a', 10), ('b', 10)");
  expect(await swallowLockWait(strict)).toBe(2);
  const rows = await beside(strict, 'SELECT quantity FROM stock ORDER BY item');
  expect(rows.map(({ quantity }) => quantity)).toEqual([9, 10]);
});

/** Takes one of item a, and fails the first time to get at b, which somebody else holds. Answers how often it was tried. */
async function swallowLockWait(on: TestServer): Promise<number> {
  const pool = poolOn(on);
  const holder = await pool.acquire();
  await holder.connection.beginTransaction();
  await take(holder.connection, 'b');
  let attempts = 0;
  await pool.transaction(async (connection) => {
    attempts++;
    await take(connection, 'a');
    if (attempts > 1) return;
    const impatient = "SET STATEMENT innodb_lock_wait_timeout = 0 FOR UPDATE stock SET quantity = 0 WHERE item = 'b'";
    await expect(connection.query(impatient)).rejects.toMatchObject({ errno: 1205 });
  });
  await holder.connection.rollback();
  holder.release();
  return attempts;
}

test.each([['CREATE TABLE IF NOT EXISTS notes (id INT)'], ['START TRANSACTION']])(
  'a conflict after %s is not tried again, since what came before is committed by it',
  async (sql) => {
    const pool = poolOn(server);
    let attempts = 0;
    const holder = await pool.acquire();
    await holder.connection.beginTransaction();
    await take(holder.connection, 'b');
    const lost = pool.transaction(async (connection) => {
      attempts++;
      await take(connection, 'a');
      await connection.query(sql);
      await connection.query(
        'SET STATEMENT innodb_lock_wait_timeout = 0 FOR UPDATE stock SET quantity = 0 WHERE item = "b"',
      );
    });
    await expect(lost).rejects.toMatchObject({
      code: 'TRANSACTION_LOST',
      committed: 'something',
      cause: { errno: 1205 },
    });
    expect(attempts).toBe(1);
    await holder.connection.rollback();
    holder.release();
    expect(await quantities()).toEqual([9, 10]);
  },
);

test('a swallowed deadlock is not tried again once more was said, since that is committed', async () => {
  const pool = poolOn(server);
  await beside(server, "INSERT INTO stock VALUES ('c', 10) ON DUPLICATE KEY UPDATE quantity = 10");
  const tried: number[] = [];
  const settled = await deadlocked(pool, async (connection, item, attempt) => {
    tried.push(attempt);
    const swallowed = await take(connection, item).catch((error: unknown) => error);
    if (swallowed instanceof Error) await take(connection, 'c');
  });
  expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'TRANSACTION_LOST', committed: 'something', cause: { errno: 1213 } },
  });
  expect(tried).toEqual([0, 0]);
  expect(await beside(server, "SELECT quantity FROM stock WHERE item = 'c'")).toEqual([{ quantity: 9 }]);
  await beside(server, "DELETE FROM stock WHERE item = 'c'");
});
