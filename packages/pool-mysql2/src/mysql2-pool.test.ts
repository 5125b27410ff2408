import { inspect } from 'node:util';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import type { ResultSetHeader, RowDataPacket } from 'mysql2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beside, countConnections, poolOn } from '../test/servers.ts';
import type { MysqlPool } from './mysql2-pool.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startMariadb();
  await beside(server, 'CREATE TABLE items (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) UNIQUE)');
});
afterAll(() => server?.remove());

const SLEEP = 'SELECT sleep(600)';

const connectionId = async (pool: ReturnType<typeof poolOn>) => {
  const [[row]] = await pool.query<RowDataPacket[]>('SELECT connection_id() AS id');
  return row?.id as number;
};

test('query answers what mysql2 answers: rows and columns, or a header', async () => {
  const pool = poolOn(server);
  const [rows, fields] = await pool.query('SELECT ? + 1 AS answer', [41]);
  expect(rows).toEqual([{ answer: 42 }]);
  expect(fields[0]?.name).toBe('answer');
  const [header] = await pool.query<ResultSetHeader>('INSERT INTO items (name) VALUES (?)', ['a']);
  expect(header).toMatchObject({ affectedRows: 1, insertId: expect.any(Number) });
});

test('it is held, resumed, resized, recycled and looked at as any pool is', async () => {
  const pool = poolOn(server);
  await pool.ready();
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

test('query takes the options of mysql2, named placeholders and rows as arrays among them', async () => {
  const pool = poolOn(server);
  const [rows] = await pool.query(
    { sql: 'SELECT :a AS a, :b AS b', namedPlaceholders: true, rowsAsArray: true },
    { a: 1, b: 2 },
  );
  expect(rows).toEqual([[1, 2]]);
});

test('execute prepares on the server and answers binary rows', async () => {
  const pool = poolOn(server);
  const [rows] = await pool.execute('SELECT ? AS text, ? AS number', ['ice', 7]);
  expect(rows).toEqual([{ text: 'ice', number: 7 }]);
});

test('parameters that mysql2 refuses are the caller’s error, and the connection stays', async () => {
  const pool = poolOn(server);
  const id = await connectionId(pool);
  await expect(pool.execute('SELECT ?', [undefined as never])).rejects.toThrow('must not contain undefined');
  expect(await connectionId(pool)).toBe(id);
});

test('a statement that fails reaches the caller as it is, and the connection stays', async () => {
  const pool = poolOn(server);
  const id = await connectionId(pool);
  await expect(pool.query('SELEC 1')).rejects.toMatchObject({ code: 'ER_PARSE_ERROR', errno: 1064 });
  await pool.query("INSERT IGNORE INTO items (name) VALUES ('twice')");
  await expect(pool.query("INSERT INTO items (name) VALUES ('twice')")).rejects.toMatchObject({ code: 'ER_DUP_ENTRY' });
  expect(await connectionId(pool)).toBe(id);
});

test('the stack of a statement that fails leads to who asked, whether he had to wait or not', async () => {
  const pool = poolOn(server, { size: { min: 0, max: 1 } });
  const whoAsked = async (sql: string) => await pool.execute(sql);
  const failures = await Promise.allSettled([whoAsked('SELEC 1'), whoAsked('SELEC 2'), whoAsked('SELEC 3')]);
  for (const failure of failures)
    expect(failure).toMatchObject({ reason: { errno: 1064, stack: expect.stringMatching(/whoAsked/) } });
});

test('a callback instead of values is refused as mysql2 refuses it, and the connection stays', async () => {
  const pool = poolOn(server);
  const id = await connectionId(pool);
  await expect(pool.query('SELECT 1', (() => {}) as never)).rejects.toThrow('Callback function is not available');
  expect(await connectionId(pool)).toBe(id);
});

test('a hundred callers are served by four connections, and the server has no more', async () => {
  const pool = poolOn(server);
  const asked = Array.from({ length: 100 }, (_, turn) => pool.query<RowDataPacket[]>('SELECT ? AS turn', [turn]));
  expect((await Promise.all(asked)).map(([rows]) => rows[0]?.turn)).toEqual(asked.map((_, turn) => turn));
  expect(pool.snapshot().live).toBeLessThanOrEqual(4);
  expect(await countConnections(server)).toBe(pool.snapshot().live);
});

test('close says goodbye: nothing is left on the server', async () => {
  const pool = poolOn(server);
  await pool.query('SELECT 1');
  expect(await pool.close()).toMatchObject({ drained: true });
  await expect.poll(() => countConnections(server)).toBe(0);
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'POOL_CLOSED' });
});

test('a connection killed while idle is replaced, and one killed in use is its caller’s error', async () => {
  const pool = poolOn(server);
  const idle = await connectionId(pool);
  const lost = new Promise((resolve) => pool.on('connection-closed', ({ reason }) => resolve(reason)));
  await beside(server, `KILL ${idle}`);
  expect(await lost).toBe('lost');
  expect(await connectionId(pool)).not.toBe(idle);

  const lease = await pool.acquire();
  const killed = lease.connection.query('SELECT sleep(10)').catch((reason: unknown) => reason);
  await beside(server, `KILL ${lease.connection.threadId}`);
  const error = await killed;
  expect(error).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
  lease.release(error);
  await expect(pool.query('SELECT 1')).resolves.toBeDefined();
});

test('an abort ends a statement that runs, by ending its connection', async () => {
  const pool = poolOn(server);
  const controller = new AbortController();
  const running = pool.query('SELECT sleep(20)', undefined, { signal: controller.signal });
  await expect.poll(() => pool.snapshot().connections.leased).toBe(1);
  controller.abort(new Error('enough'));
  await expect(running).rejects.toMatchObject({ code: 'ABORTED', cause: new Error('enough') });
  expect(pool.snapshot().connections.leased).toBe(0);
  await expect(pool.query('SELECT 1')).resolves.toBeDefined();
});

test.each([
  ['an abort', (pool: MysqlPool) => pool.query(SLEEP, undefined, { signal: AbortSignal.timeout(100) })],
  ['an abort', (pool: MysqlPool) => pool.stream(SLEEP, undefined, { signal: AbortSignal.timeout(100) }).next()],
  ['a timeout', (pool: MysqlPool) => pool.execute({ sql: SLEEP, timeout: 100 })],
  ['a timeout in a lease', (pool: MysqlPool) => pool.use((lent) => lent.query({ sql: SLEEP, timeout: 100 }))],
  [
    'a timeout in a transaction',
    (pool: MysqlPool) => pool.transaction((lent) => lent.query({ sql: SLEEP, timeout: 100 })),
  ],
])('%s leaves no statement running on the server, nor a connection that the pool does not count', async (_, run) => {
  const pool = poolOn(server);
  await expect(run(pool)).rejects.toMatchObject({ code: expect.stringMatching(/ABORTED|PROTOCOL_SEQUENCE_TIMEOUT/) });
  const running = () => beside(server, `SELECT id FROM information_schema.processlist WHERE info = '${SLEEP}'`);
  await expect.poll(running, { timeout: 10_000 }).toEqual([]);
  await expect.poll(async () => (await countConnections(server)) - pool.snapshot().live, { timeout: 10_000 }).toBe(0);
});

test('a statement that nobody awaited is ended with its connection, once the time for a reset is over', async () => {
  const pool = poolOn(server, { reset: { timeoutMs: 50 } });
  await pool.use((lent) => void lent.query(SLEEP).catch(() => {}));
  const running = () => beside(server, `SELECT id FROM information_schema.processlist WHERE info = '${SLEEP}'`);
  await expect.poll(() => pool.snapshot().connections.resetting, { timeout: 10_000 }).toBe(0);
  await expect.poll(running, { timeout: 10_000 }).toEqual([]);
});

test('rows stream one by one, and a loop that is left early gives its connection back whole', async () => {
  const pool = poolOn(server, { size: { min: 0, max: 1 } });
  const id = await connectionId(pool);
  const sql = 'SELECT seq FROM seq_1_to_5000';
  let sum = 0;
  for await (const { seq } of pool.stream<{ seq: number }>(sql)) sum += seq;
  expect(sum).toBe((5000 * 5001) / 2);
  for await (const { seq } of pool.stream<{ seq: number }>(sql)) if (seq === 3) break;
  expect(await connectionId(pool)).toBe(id);
  await expect(pool.stream('SELECT nix').next()).rejects.toMatchObject({ code: 'ER_BAD_FIELD_ERROR' });
  expect(await connectionId(pool)).toBe(id);
});

test('mysql2’s own timeout of a statement costs the connection, whose answer may still come', async () => {
  const pool = poolOn(server, { size: { min: 0, max: 1 } });
  const id = await connectionId(pool);
  await expect(pool.query({ sql: 'SELECT sleep(1)', timeout: 50 })).rejects.toMatchObject({
    code: 'PROTOCOL_SEQUENCE_TIMEOUT',
  });
  expect(await connectionId(pool)).not.toBe(id);
});

test('what is set up on connect is there for every lease', async () => {
  const pool = poolOn(server, { onConnect: (connection) => connection.query("SET time_zone = '+05:00'") });
  const [rows] = await pool.query('SELECT @@time_zone AS zone');
  expect(rows).toEqual([{ zone: '+05:00' }]);
});

test('a password function is asked for each dial, and what it answered is never shown', async () => {
  const asked: string[] = [];
  const { host, port, user, database, password } = server;
  const pool = poolOn(server, {
    connection: {
      host,
      port,
      user,
      database,
      password: async () => {
        asked.push(asked.length < 2 ? password : 'hunter-seven');
        return asked.at(-1) ?? '';
      },
    },
  });
  const leases = [await pool.acquire(), await pool.acquire()];
  expect(asked).toHaveLength(2);
  const refused = await pool.acquire({ timeoutMs: 500 }).catch((error: unknown) => error);
  expect(asked.length).toBeGreaterThan(2);
  expect(JSON.stringify(refused)).not.toContain('hunter-seven');
  for (const lease of leases) lease.release();
});

test('a lease and its connection are printed without their secrets, which stay readable', async () => {
  const { host, port, user, database, password } = server;
  const ssl = { key: 'the-private-key', passphrase: 'of-the-key' };
  const refused = poolOn(server, { connection: { host, port, user, database, password, ssl } });
  await expect(refused.query('SELECT 1')).rejects.toMatchObject({ code: 'MISCONFIGURED' });
  const lease = await poolOn(server).acquire();
  expect(inspect(lease, { depth: 9 })).not.toContain(password);
  expect(inspect(lease.connection, { depth: 9 })).not.toContain(password);
  expect((lease.connection.config as { readonly password?: string }).password).toBe(password);
  lease.release();
  expect(ssl).toEqual({ key: 'the-private-key', passphrase: 'of-the-key' });
});

test('a validation query is run instead of a ping, and has to answer 1', async () => {
  const options = { validation: { bypassMs: 0 }, size: { min: 0, max: 1 } };
  const pool = poolOn(server, { ...options, validationQuery: 'SELECT count(*) FROM items WHERE 1 = 0' });
  const failed = new Promise((resolve) => pool.on('check-failed', ({ error }) => resolve(error)));
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(await failed).toMatchObject({ code: 'UNEXPECTED_ANSWER', answer: 0 });
  const sound = poolOn(server, { ...options, validationQuery: 'SELECT 1' });
  const id = await connectionId(sound);
  expect(await connectionId(sound)).toBe(id);
});

test('a primary is demanded at the dial and at each check', async () => {
  const pool = poolOn(server, {
    target: 'primary',
    validation: { bypassMs: 0 },
    breaker: { threshold: 1, probeIntervalMs: 50 },
  });
  await pool.query('SELECT 1');
  await beside(server, 'SET GLOBAL read_only = 1');
  try {
    const refused = pool.query('SELECT 1');
    await expect(refused).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE', cause: { code: 'TARGET_MISMATCH' } });
  } finally {
    await beside(server, 'SET GLOBAL read_only = 0');
  }
  await expect
    .poll(
      () =>
        pool.query('SELECT 1').then(
          () => 'served',
          () => 'refused',
        ),
      { timeout: 10_000 },
    )
    .toBe('served');
});
