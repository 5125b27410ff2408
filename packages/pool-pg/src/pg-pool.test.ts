import { AcquireTimeoutError, CommitOutcomeUnknownError, LeaseReleasedError } from '@cryo/pool-core';
import { AbortedError, InvalidOptionsError } from '@cryo/resilience';
import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../test/eventually.ts';
import { Pool } from './pg-compatible.ts';
import { CommitRefusedError } from './pg-errors.ts';
import type { PgPoolOptions } from './pg-options.ts';
import { createPgPool, type PgPool } from './pg-pool.ts';
import type { PgConnection } from './pg-types.ts';

const server = await startPostgres();
const admin = new pg.Client(server.url);
beforeAll(async () => {
  await admin.connect();
  await admin.query('CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)');
  await admin.query('CREATE TABLE pledge (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)');
});
afterAll(async () => {
  await admin.end();
  await server.remove();
});

const pools: PgPool[] = [];
function poolOf(options: Partial<PgPoolOptions> = {}): PgPool {
  const pool = createPgPool({ connection: server.url, size: { min: 0, max: 4 }, ...options });
  pools.push(pool);
  return pool;
}
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close({ timeoutMs: 100 });
  await admin.query('TRUNCATE account, pledge');
});

const backendOf = async (connection: PgConnection): Promise<number> =>
  (await connection.query('SELECT pg_backend_pid() AS id')).rows[0].id;

test('a statement may be a text with values, an object, a named one, and its rows arrays', async () => {
  const pool = poolOf();
  expect((await pool.query('SELECT $1::int + 1 AS sum', [41])).rows).toEqual([{ sum: 42 }]);
  expect((await pool.query({ text: 'SELECT $1::int AS one', values: [1] })).rows).toEqual([{ one: 1 }]);
  const named = { name: 'twice', text: 'SELECT 2 * $1::int AS twice' };
  for (const value of [1, 2, 3]) expect((await pool.query(named, [value])).rows).toEqual([{ twice: 2 * value }]);
  expect((await pool.query({ text: 'SELECT 1, 2', rowMode: 'array' })).rows).toEqual([[1, 2]]);
});

test('a statement that fails by its own fault reaches its caller as it is and leaves the connection in the pool', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  const before = await pool.use(backendOf);
  await expect(pool.query('SELEC')).rejects.toMatchObject({ code: '42601', severity: 'ERROR' });
  expect(await pool.use(backendOf)).toBe(before);
});

test('the stack of a statement that fails leads to who asked, whether he had to wait or not', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  const whoAsked = async (text: string) => await pool.query(text);
  const failures = await Promise.allSettled([whoAsked('SELEC 1'), whoAsked('SELEC 2'), whoAsked('SELEC 3')]);
  for (const failure of failures)
    expect(failure).toMatchObject({ reason: { code: '42601', stack: expect.stringContaining('whoAsked') } });
});

test('a statement that ends its own connection costs nobody but its caller', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  const asked = ['SELECT pg_terminate_backend(pg_backend_pid())', 'SELECT 1 AS one', 'SELECT 1 AS one'];
  const [first, ...others] = await Promise.allSettled(asked.map((text) => pool.query(text)));
  expect(first?.status).toBe('rejected');
  for (const other of others) expect(other).toMatchObject({ value: { rows: [{ one: 1 }] } });
  expect(pool.snapshot()).toMatchObject({ live: 1, connections: { leased: 0 } });
});

test('it is held, resumed, resized, recycled and looked at as any pool is', async () => {
  const pool = poolOf();
  await pool.query('SELECT 1');
  pool.suspend();
  expect(pool.snapshot().state).toBe('suspended');
  expect(pool.tryAcquire()).toBe(undefined);
  pool.resume();
  pool.resize({ max: 7 });
  pool.recycle();
  expect(pool.snapshot()).toMatchObject({ state: 'open', generation: 1, size: { max: 7 } });
  await pool.use((connection) => connection.query('SELECT 1'));
  const lease = pool.tryAcquire({ label: 'a report' });
  expect(lease?.inForce).toBe(true);
  lease?.release();
  expect(pool.health().status).toBe('ok');
});

test('cursors and streams are read through a connection that is lent for as long', async () => {
  const pool = poolOf();
  const rows = await pool.use(async (connection) => {
    const cursor = connection.query(new Cursor('SELECT n FROM generate_series(1, 10) AS n'));
    const first = await cursor.read(3);
    await cursor.close();
    return first;
  });
  expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  const streamed = await pool.use(async (connection) => {
    let sum = 0;
    for await (const { n } of connection.query(new QueryStream('SELECT n FROM generate_series(1, 100) AS n'))) sum += n;
    return sum;
  });
  expect(streamed).toBe(5050);
  const cursor = new Cursor('SELECT 1') as never;
  await expect(pool.query(cursor)).rejects.toThrow(/needs a connection for as long as it is read/);
});

test('a prepared statement that its table has outgrown, or its session has lost, fails one caller and not all later ones', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  const dropIn = new Pool({ connectionString: server.url, max: 1 });
  type Ask = (statement: pg.QueryConfig) => Promise<unknown>;
  const asks: readonly Ask[] = [(statement) => pool.query(statement), (statement) => dropIn.query(statement)];
  for (const ask of asks) {
    const read = () => ask({ name: 'all-pledges', text: 'SELECT * FROM pledge' });
    await read();
    await admin.query('ALTER TABLE pledge ADD COLUMN note text');
    await expect(read()).rejects.toMatchObject({ code: '0A000' });
    await read();
    await ask({ text: 'DEALLOCATE ALL' });
    await expect(read()).rejects.toMatchObject({ code: '26000' });
    await read();
    await admin.query('ALTER TABLE pledge DROP COLUMN note');
  }
  await dropIn.end();
});

test('a callback given to a query is refused: the answer is a promise', async () => {
  const pool = poolOf();
  const callback = () => {};
  await expect(pool.query('SELECT 1', callback as never)).rejects.toThrow(/values is a function/);
  await expect(pool.query({ text: 'SELECT 1', callback } as never)).rejects.toThrow(
    /statement\.callback is a function/,
  );
  expect(pool.snapshot().live).toBe(0);
});

test('an aborted statement is cancelled on the server, and its connection serves the next one', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  const before = await pool.use(backendOf);
  const abort = new AbortController();
  const sleeping = pool.query('SELECT pg_sleep(30)', [], { signal: abort.signal });
  await eventually(() => pool.snapshot().connections.leased).toBe(1);
  abort.abort(new Error('the caller left'));
  await expect(sleeping).rejects.toThrow(AbortedError);
  expect(await pool.use(backendOf)).toBe(before);
});

test('a statement that goes on after a cancel request is cancelled again, and its connection stays', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  const before = await pool.use(backendOf);
  const stubborn = `DO $$ BEGIN
    BEGIN PERFORM pg_sleep(30); EXCEPTION WHEN query_canceled THEN NULL; END;
    PERFORM pg_sleep(30);
  END $$`;
  const aborted = pool.query(stubborn, [], { signal: AbortSignal.timeout(50) });
  await expect(aborted).rejects.toThrow(AbortedError);
  expect(await pool.use(backendOf)).toBe(before);
});

test('an abort before the statement began runs nothing', async () => {
  const pool = poolOf();
  const signal = AbortSignal.abort(new Error('too late'));
  await expect(pool.query('INSERT INTO account VALUES (1, 1)', [], { signal })).rejects.toMatchObject({
    code: 'ACQUIRE_ABORTED',
  });
  expect((await pool.query('SELECT FROM account')).rowCount).toBe(0);
});

test('a transaction commits what its work did, and rolls back what its work threw at', async () => {
  const pool = poolOf();
  await pool.transaction((connection) => connection.query('INSERT INTO account VALUES (1, 100)'));
  const failing = pool.transaction(async (connection) => {
    await connection.query('INSERT INTO account VALUES (2, 100)');
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect((await pool.query('SELECT id FROM account')).rows).toEqual([{ id: 1 }]);
});

test('a transaction has the isolation, the access and the deferral that were asked for', async () => {
  const pool = poolOf();
  const modes = await pool.transaction(
    async (connection) => {
      const show = async (name: string) => Object.values((await connection.query(`SHOW ${name}`)).rows[0])[0];
      return [
        await show('transaction_isolation'),
        await show('transaction_read_only'),
        await show('transaction_deferrable'),
      ];
    },
    { isolation: 'serializable', readOnly: true, deferrable: true },
  );
  expect(modes).toEqual(['serializable', 'on', 'on']);
});

test('a nested transaction that fails is undone alone', async () => {
  const pool = poolOf();
  await pool.transaction(async (connection, { transaction }) => {
    await connection.query('INSERT INTO account VALUES (1, 1)');
    await transaction(() => connection.query('INSERT INTO account VALUES (1, 2)')).catch(() => {});
    await transaction(() => connection.query('INSERT INTO account VALUES (2, 2)'));
  });
  expect((await pool.query('SELECT id FROM account ORDER BY id')).rows).toEqual([{ id: 1 }, { id: 2 }]);
});

test('a transaction that loses against another one is tried again until both have happened', async () => {
  const pool = poolOf();
  await pool.query('INSERT INTO account VALUES (1, 0)');
  let readers = 0;
  let retries = 0;
  let goOn = () => {};
  const allHaveRead = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const deposit = () =>
    pool.transaction(
      async (connection, { attempt }) => {
        const { rows } = await connection.query('SELECT balance FROM account WHERE id = 1');
        if (attempt > 0) retries++;
        else if (++readers === 3) goOn();
        await allHaveRead;
        await connection.query('UPDATE account SET balance = $1 WHERE id = 1', [rows[0].balance + 1]);
      },
      { isolation: 'serializable', maxRetries: 20 },
    );
  await Promise.all([deposit(), deposit(), deposit()]);
  expect((await pool.query('SELECT balance FROM account')).rows).toEqual([{ balance: 3 }]);
  expect(retries).toBeGreaterThanOrEqual(2);
});

test('a constraint that fails at COMMIT is told as the statement it is, not as an unknown outcome', async () => {
  const pool = poolOf();
  const twice = pool.transaction((connection) => connection.query('INSERT INTO pledge VALUES (1), (1)'));
  await expect(twice).rejects.toMatchObject({ code: '23505' });
});

test('a COMMIT that the server answers with ROLLBACK is no success', async () => {
  const pool = poolOf();
  const swallowing = pool.transaction(async (connection) => {
    await connection.query('INSERT INTO account VALUES (7, 7)');
    await connection.query('SELEC').catch(() => {});
  });
  await expect(swallowing).rejects.toThrow(CommitRefusedError);
  expect((await pool.query('SELECT FROM account')).rowCount).toBe(0);
});

test('a COMMIT whose answer is lost with its connection is told as unknown, and is not tried again', async () => {
  const pool = poolOf();
  let attempts = 0;
  const dying = pool.transaction(async (connection) => {
    attempts++;
    // The server ends the session while it commits.
    await connection.query('CREATE TEMPORARY TABLE last_words (id int) ON COMMIT DROP');
    await connection.query(`CREATE FUNCTION pg_temp.die() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$`);
    await connection.query(`CREATE CONSTRAINT TRIGGER die AFTER INSERT ON last_words
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.die()`);
    await connection.query('INSERT INTO last_words VALUES (1)');
  });
  await expect(dying).rejects.toThrow(CommitOutcomeUnknownError);
  expect(attempts).toBe(1);
});

test('a transaction that was left open is rolled back before the next lease, also when statements were still under way', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  const before = await pool.use(async (connection) => {
    await connection.query('BEGIN');
    await connection.query('INSERT INTO account VALUES (9, 9)');
    void connection.query('INSERT INTO account VALUES (10, 10)').catch(() => {});
    return stateless(connection);
  });
  expect((await pool.query('SELECT FROM account')).rowCount).toBe(0);
  expect(await pool.use(stateless)).toBe(before);
});
const stateless = (connection: PgConnection) => (connection as PgConnection & { processID: number }).processID;

test('a transaction whose connection was lost before its COMMIT is known not to be committed', async () => {
  const ended = poolOf().transaction((connection) => connection.end());
  await expect(ended).rejects.toMatchObject({ code: 'CONNECTION_ENDED' });
  const idle = poolOf().transaction(async (connection) => {
    const lost = new Promise((resolve) => connection.once('end', resolve));
    await connection.query('SET LOCAL idle_in_transaction_session_timeout = 10');
    await lost;
  });
  await expect(idle).rejects.toMatchObject({ code: 'CONNECTION_ENDED', cause: { code: '25P03' } });
});

test('a connection ended by its holder is not lent again', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  await pool.use((connection) => connection.end());
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('a lease that has ended lends nothing', async () => {
  const pool = poolOf();
  const lease = await pool.acquire();
  lease.release();
  expect(() => lease.connection).toThrow(LeaseReleasedError);
});

test('a pool that is all lent out says so to the one who waits', async () => {
  const pool = poolOf({ size: { min: 0, max: 1 } });
  using _lease = await pool.acquire();
  await expect(pool.query('SELECT 1', [], { timeoutMs: 20 })).rejects.toThrow(AcquireTimeoutError);
});

test('onConnect has set every session up before it is lent, and the server knows the pool by its name', async () => {
  const pool = poolOf({ name: 'orders', onConnect: (connection) => connection.query(`SET TIME ZONE 'Asia/Tokyo'`) });
  const { rows } = await pool.query(
    `SELECT current_setting('TimeZone') AS zone, current_setting('application_name') AS name`,
  );
  expect(rows).toEqual([{ zone: 'Asia/Tokyo', name: 'orders' }]);
});

test('the password is asked for anew at each dial, also beside a connection string that has none', async () => {
  const asked: string[] = [];
  const connectionString = server.url.replace(':cold-as-ice', '');
  const password = async () => {
    asked.push('asked');
    return server.password;
  };
  const pool = poolOf({ connection: { connectionString, password }, size: { min: 0, max: 2 } });
  const leases = await Promise.all([pool.acquire(), pool.acquire()]);
  for (const lease of leases) lease.release();
  expect(asked).toHaveLength(2);
});

test('a validation query is refused when it could do more than read, before anything is opened', () => {
  expect(() => poolOf({ validationQuery: 'DELETE FROM account' })).toThrow(InvalidOptionsError);
  expect(() => poolOf({ validationQuery: 'SELECT pg_terminate_backend(1)' })).toThrow(/calls no function but/);
});

test('a validation query runs, and its first value has to be 1', async () => {
  const sound = poolOf({ validationQuery: 'SELECT 1', validation: { bypassMs: 0 } });
  for (let turn = 0; turn < 3; turn++) await sound.query('SELECT 1');
  const unsound = poolOf({ validationQuery: 'SELECT 2', validation: { bypassMs: 0 } });
  const failures: unknown[] = [];
  unsound.on('check-failed', ({ error }) => failures.push(error));
  for (let turn = 0; turn < 2; turn++) await unsound.query('SELECT 1');
  expect(failures).toEqual([expect.objectContaining({ code: 'UNEXPECTED_ANSWER', answer: 2 })]);
});
