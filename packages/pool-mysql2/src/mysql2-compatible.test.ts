import { inspect } from 'node:util';
import { InvalidOptionsError } from '@cryo/resilience';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import * as mysql2 from 'mysql2';
import { type Pool as PromisePool, PoolConnection as PromisePoolConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { beside, countConnections, strangeServer } from '../test/servers.ts';
import { type CompatibleSettings, createPool, createPoolPromise, Pool } from './mysql2-compatible.ts';

const Mysql2Pool = (mysql2 as typeof mysql2 & { readonly Pool: new () => mysql2.Pool }).Pool;

let server: TestServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.remove());

const addressOf = ({ host, port, user, password, database }: TestServer) => ({ host, port, user, password, database });

function poolWith(options: mysql2.PoolOptions = {}, settings?: CompatibleSettings): Pool {
  const pool = createPool({ ...addressOf(server), ...options }, settings);
  onTestFinished(() => void pool.cryo.close({ timeoutMs: 1 }));
  return pool;
}

const take = (pool: Pool) =>
  new Promise<mysql2.PoolConnection>((resolve, reject) => {
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)));
  });
const ask = (pool: Pool | mysql2.PoolConnection, sql: string) =>
  new Promise<mysql2.RowDataPacket[]>((resolve, reject) => {
    pool.query<mysql2.RowDataPacket[]>(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
  });

test('its pools, and what they lend, are of mysql2’s own classes and types', async () => {
  const make: (options: mysql2.PoolOptions) => mysql2.Pool = createPool;
  const makePromise: (options: mysql2.PoolOptions) => PromisePool = createPoolPromise;
  const pool: mysql2.Pool = poolWith();
  expect(pool).toBeInstanceOf(Mysql2Pool);
  expect(pool.constructor.name).toBe('Pool');
  const connection = await take(pool as Pool);
  expect(connection).toBeInstanceOf(mysql2.PoolConnection);
  connection.release();
  const made = [make(addressOf(server)), makePromise({ uri: server.url })] as const;
  expect(made[0]).toBeInstanceOf(Pool);
  expect(made[1].pool).toBeInstanceOf(Pool);
  made[0].end();
  await made[1].end();
});

test('a class can be derived from it', async () => {
  class Counting extends Pool {
    asked = 0;
    override getConnection(callback: Parameters<Pool['getConnection']>[0]): void {
      this.asked++;
      super.getConnection(callback);
    }
  }
  const pool = new Counting(addressOf(server));
  expect(await ask(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(pool.asked).toBe(1);
  await new Promise((resolve) => pool.end(resolve));
});

test('query and execute call back, or answer an emitter, as theirs do', async () => {
  const pool = poolWith();
  expect(await ask(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  const executed = new Promise((resolve, reject) => {
    const answered = pool.execute('SELECT ? AS two', [2], (error, rows) => (error ? reject(error) : resolve(rows)));
    expect(answered).toBeUndefined();
  });
  expect(await executed).toEqual([{ two: 2 }]);
  const rows: unknown[] = [];
  await new Promise((resolve) =>
    pool
      .query('SELECT seq FROM seq_1_to_3')
      .on('result', (row) => rows.push(row))
      .on('end', resolve),
  );
  expect(rows).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  expect(pool.format('SELECT ?', ["it's"])).toBe("SELECT 'it\\'s'");
  expect(pool.escape("it's")).toBe("'it\\'s'");
  expect(pool.escapeId('a b')).toBe('`a b`');
});

test('the promise pool answers rows and columns, and lends promise connections', async () => {
  const pool = createPoolPromise(addressOf(server));
  const [rows, fields] = await pool.query('SELECT 1 AS one');
  expect([rows, fields[0]?.name]).toEqual([[{ one: 1 }], 'one']);
  const connection = await pool.getConnection();
  expect(connection).toBeInstanceOf(PromisePoolConnection);
  await connection.beginTransaction();
  await connection.rollback();
  connection.release();
  await expect(pool.query('SELEC')).rejects.toMatchObject({ code: 'ER_PARSE_ERROR' });
  await pool.end();
  await expect(pool.query('SELECT 1')).rejects.toThrow('Pool is closed.');
});

test('a promise connection that is given back twice is not taken from whoever has it by then', async () => {
  const pool = poolWith({ connectionLimit: 1 });
  const first = await pool.promise().getConnection();
  first.release();
  const second = await pool.promise().getConnection();
  expect(second.connection).toBe(first.connection);
  first.release();
  expect(pool.cryo.snapshot().connections.leased).toBe(1);
  second.release();
  expect(pool.cryo.snapshot().connections.leased).toBe(0);
});

test('await using gives connections back and ends the pool', async () => {
  const pool = createPoolPromise({ ...addressOf(server), connectionLimit: 1 });
  {
    await using all = pool;
    {
      await using connection = await all.getConnection();
      await connection.query('SELECT 1');
    }
    await all.query('SELECT 1');
  }
  await expect(pool.query('SELECT 1')).rejects.toThrow('Pool is closed.');
});

test('the events are theirs: connection once, acquire each time, enqueue and release', async () => {
  const pool = poolWith({ connectionLimit: 1 });
  const told: string[] = [];
  for (const event of ['connection', 'acquire', 'enqueue', 'release']) pool.on(event, () => told.push(event));
  const first = await take(pool);
  const second = take(pool);
  first.release();
  (await second).release();
  expect(told).toEqual(['connection', 'acquire', 'enqueue', 'acquire', 'release']);
});

test('the limit of the queue, and a pool that may not wait, refuse in mysql2’s words', async () => {
  const short = poolWith({ connectionLimit: 1, queueLimit: 1 });
  const held = await take(short);
  const queued = take(short);
  await expect(take(short)).rejects.toThrow('Queue limit reached.');
  held.release();
  (await queued).release();
  const hasty = poolWith({ connectionLimit: 1, waitForConnections: false });
  const lent = await take(hasty);
  await expect(take(hasty)).rejects.toThrow('No connections available.');
  lent.release();
  await expect(ask(hasty, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
});

test('a number that cannot be meant is named as mysql2 names it, and texts and Infinity are numbers too', () => {
  const bad = { connectionLimit: -1, queueLimit: 1.5, maxIdle: -2, idleTimeout: -1 };
  const fault = thrownBy(() => createPool({ ...addressOf(server), ...bad }));
  expect((fault as InvalidOptionsError).faults.map(({ path }) => path)).toEqual(Object.keys(bad));
  expect(thrownBy(() => createPool(undefined as never))).toBeInstanceOf(InvalidOptionsError);
  expect(poolWith({ connectionLimit: Infinity }).cryo.snapshot().size.max).toBeGreaterThan(10_000);
  const texts = { connectionLimit: '2', queueLimit: '3' } as object;
  expect(poolWith(texts).cryo.snapshot().size.max).toBe(2);
});

function thrownBy(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    return error;
  }
}

test('a limit of 0 means none, and without a limit given there are ten', () => {
  expect(poolWith({ connectionLimit: 0 }).cryo.snapshot().size.max).toBeGreaterThan(10_000);
  expect(poolWith().cryo.snapshot().size).toMatchObject({ min: 0, max: 10 });
});

test('idle connections end after idleTimeout where maxIdle is below the limit', async () => {
  const pool = poolWith({ connectionLimit: 3, maxIdle: 1, idleTimeout: 50 });
  await ask(pool, 'SELECT 1');
  await expect.poll(() => pool.cryo.snapshot().live, { timeout: 10_000 }).toBe(0);
  expect(await ask(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('what it counts changes at once', async () => {
  const pool = poolWith({ connectionLimit: 2 });
  const counts = () => {
    const { _allConnections, _freeConnections } = pool as object as Record<string, { readonly length: number }>;
    return [_allConnections?.length, _freeConnections?.length];
  };
  const connection = await take(pool);
  expect(counts()).toEqual([1, 0]);
  connection.release();
  expect(counts()).toEqual([1, 1]);
});

test('secrets are readable in the options and shown by no print', async () => {
  const pool = poolWith({ password: 'cold-as-ice' });
  const connection = await take(pool);
  const { connectionConfig } = pool.config as { readonly connectionConfig?: mysql2.ConnectionOptions };
  expect(connectionConfig?.password).toBe('cold-as-ice');
  const shown = inspect([pool, pool.promise(), connection], { depth: 12 }) + JSON.stringify(connection.config, plain());
  expect(shown).not.toContain('cold-as-ice');
  connection.release();
});

test('TLS keys are readable in the options and shown by no print, and what was given is left alone', () => {
  const ssl = { key: 'the-private-key', passphrase: 'of-the-key', ca: 'the-authority' };
  const pool = poolWith({ ssl });
  const { connectionConfig } = pool.config as { readonly connectionConfig?: mysql2.ConnectionOptions };
  expect(connectionConfig?.ssl).toMatchObject(ssl);
  expect(inspect(pool, { depth: 12 })).not.toMatch(/the-private-key|of-the-key/);
  expect(inspect(pool, { depth: 12 })).toContain('the-authority');
  expect(ssl).toEqual({ key: 'the-private-key', passphrase: 'of-the-key', ca: 'the-authority' });
});

/** Leaves out what JSON can't hold. */
function plain() {
  const seen = new Set<unknown>();
  return (_key: string, value: unknown) => {
    if (typeof value === 'object' && value !== null && seen.has(value)) return undefined;
    seen.add(value);
    return value;
  };
}

test('a refused dial is the driver’s own error, another one for each caller', async () => {
  const pool = poolWith({ password: 'warm' });
  const errors = await Promise.all([1, 2].map(() => ask(pool, 'SELECT 1').catch((error: unknown) => error)));
  expect(errors[0]).toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '28000' });
  expect(errors[0]).not.toBe(errors[1]);
  await expect(pool.promise().query('SELECT 1')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
});

test('TLS that cannot be had is told in mysql2’s words', async () => {
  const refused = {
    code: 'HANDSHAKE_NO_SSL_SUPPORT',
    message: 'Server does not support secure connection',
    fatal: true,
  };
  await expect(take(poolWith({ ssl: {} }))).rejects.toMatchObject(refused);
});

test('an error of ours reaches promises whole', async () => {
  const pool = poolWith({ connectionLimit: 1 }, { acquire: { timeoutMs: 2_000 } });
  const held = await take(pool);
  await expect(pool.promise().query('SELECT 1')).rejects.toMatchObject({ code: 'ACQUIRE_TIMEOUT' });
  held.release();
});

test('an address that cannot be read is told by its part, and nothing of it is shown', () => {
  const make = () => createPool('mysql://cryo:cold-as-ice@host:port/db');
  expect(make).toThrow(InvalidOptionsError);
  expect(make).toThrow('its port');
  expect(make).not.toThrow('cold-as-ice');
});

test('a connection that is destroyed, or killed, is replaced, and its place is free', async () => {
  const pool = poolWith({ connectionLimit: 1 });
  const first = await take(pool);
  first.destroy();
  const second = await take(pool);
  expect(second).not.toBe(first);
  const lost = { code: 'PROTOCOL_CONNECTION_LOST' };
  const running = expect(ask(second, 'SELECT sleep(10)')).rejects.toMatchObject(lost);
  await beside(server, `KILL ${second.threadId}`);
  await running;
  second.release();
  expect(await ask(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  const killed = expect(ask(pool, 'SELECT sleep(10)')).rejects.toMatchObject(lost);
  const find = () =>
    beside(server, "SELECT id AS id FROM information_schema.processlist WHERE info = 'SELECT sleep(10)'");
  await expect.poll(async () => (await find()).length).toBe(1);
  await beside(server, `KILL ${(await find())[0]?.id}`);
  await killed;
  expect(await ask(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a connection that is destroyed after it was given back is not lent again', async () => {
  const pool = poolWith({ connectionLimit: 1 });
  const first = await take(pool);
  first.release();
  first.destroy();
  expect(pool.cryo.snapshot().connections.idle).toBe(0);
  expect(await ask(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a server that says nothing is told in the words of mysql2’s own timeout', async () => {
  const silent = await strangeServer();
  onTestFinished(() => silent.close());
  const pool = poolWith({ port: silent.port, connectTimeout: 100 }, { breaker: { threshold: 1 } });
  await expect(take(pool)).rejects.toMatchObject({ code: 'ETIMEDOUT', syscall: 'connect', fatal: true });
});

test('a transaction left open does not reach the next holder; a setting does, unless resetOnRelease', async () => {
  const leaveBehind = async (pool: Pool) => {
    const connection = await take(pool);
    await ask(connection, 'SET @left = 1');
    await ask(connection, 'START TRANSACTION');
    connection.release();
    return ask(pool, 'SELECT @left AS setting, @@in_transaction AS open');
  };
  expect(await leaveBehind(poolWith({ connectionLimit: 1 }))).toEqual([{ setting: 1, open: 0 }]);
  expect(await leaveBehind(poolWith({ connectionLimit: 1, resetOnRelease: true }))).toEqual([
    { setting: null, open: 0 },
  ]);
});

test('end waits for what is lent, and leaves nothing on the server', async () => {
  const pool = poolWith();
  const before = await countConnections(server);
  const connection = await take(pool);
  let ended = false;
  const end = new Promise<void>((resolve) =>
    pool.end(() => {
      ended = true;
      resolve();
    }),
  );
  expect((pool as object as { readonly _closed: boolean })._closed).toBe(true);
  await ask(connection, 'SELECT 1');
  expect(ended).toBe(false);
  connection.release();
  await end;
  await expect.poll(() => countConnections(server)).toBeLessThanOrEqual(before);
  await expect(take(pool)).rejects.toThrow('Pool is closed.');
});

test('an end that is asked for twice ends once, and calls back twice', async () => {
  const pool = poolWith();
  (await take(pool)).release();
  const told = ['first', 'second'].map(() => new Promise((resolve) => pool.end(resolve)));
  for (const error of await Promise.all(told)) expect(error ?? undefined).toBeUndefined();
  await expect(pool.promise().end()).resolves.toBeUndefined();
});
