import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import { startMariadb } from '@cryo/testkit/servers';
import type { RowDataPacket } from 'mysql2';
import { createConnection } from 'mysql2/promise';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { driverFor, politeServer, poolOn, strangeServer } from '../test/servers.ts';
import { createPool } from './mysql2-compatible.ts';
import type { MysqlPoolOptions } from './mysql2-options.ts';
import { createMysqlPool } from './mysql2-pool.ts';
import type { MysqlConnectionConfig } from './mysql2-types.ts';

const plain = await startMariadb();
const shell = await strangeServer('SSH-2.0-OpenSSH_9.2p1\r\n');
const web = await strangeServer('HTTP/1.1 400 Bad Request\r\n\r\n');
/** The notice that begins MySQL's own other protocol, as nmap knows it (`mysqlx` in its nmap-service-probes). */
const newer = await strangeServer(Buffer.from('050000000b08051a00', 'hex'));
const mute = await strangeServer();
/** Speaks when it is spoken to, as HTTP and Redis do. */
const polite = await politeServer('-ERR wrong number of arguments');
/** Hangs up on what it can't read, as PostgreSQL and TLS do. */
const curt = await politeServer();
afterAll(async () => {
  for (const stranger of [shell, web, newer, mute, polite, curt]) stranger.close();
  await plain.remove();
});

const PASSWORD = 'cold-as-ice';
const { host, port, user, password, database } = plain;
const config: MysqlConnectionConfig = { host, port, user, password, database };

const refusals: readonly (readonly [string, MysqlConnectionConfig, string, unknown])[] = [
  ['a wrong password', { ...config, password: 'warm' }, 'MISCONFIGURED', { code: 'ER_ACCESS_DENIED_ERROR' }],
  ['an unknown user', { ...config, user: 'nobody' }, 'MISCONFIGURED', { code: 'ER_ACCESS_DENIED_ERROR' }],
  ['an unknown database', { ...config, database: 'nowhere' }, 'MISCONFIGURED', { code: 'ER_BAD_DB_ERROR' }],
  ['a name that never resolved', { ...config, host: 'no.such.host.invalid' }, 'MISCONFIGURED', { code: 'ENOTFOUND' }],
  ['TLS where the server has none', { ...config, ssl: {} }, 'MISCONFIGURED', { code: 'TLS_REFUSED' }],
  ['a shell server', { ...config, port: shell.port }, 'MISCONFIGURED', { code: 'NOT_MYSQL' }],
  ['a web server', { ...config, port: web.port }, 'MISCONFIGURED', { code: 'NOT_MYSQL' }],
  ['the port of the X protocol', { ...config, port: newer.port }, 'MISCONFIGURED', { code: 'NOT_MYSQL' }],
];

test.each(refusals)(
  '%s is refused at once, with its own error, and not tried again and again',
  async (_, connection, code, cause) => {
    const pool = poolOn(plain, { connection });
    let dials = 0;
    pool.on('dial-started', () => dials++);
    const error = await pool.query('SELECT 1').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MisconfiguredError);
    expect(error).toMatchObject({ code, cause });
    await expect(pool.query('SELECT 1')).rejects.toBeInstanceOf(MisconfiguredError);
    expect(dials).toBe(1);
  },
);

test.each([
  ['answers when it is spoken to', polite, 'its answer begins with "-ERR wrong n"'],
  ['hangs up when it is spoken to', curt, 'it waits to be spoken to, and hangs up on the first words'],
])('a server that waits and %s is refused within the time of one dial, by its address', async (_, { port }, how) => {
  const pool = poolOn(plain, { connection: { ...config, port }, connect: { timeoutMs: 1_000 } });
  let failures = 0;
  pool.on('dial-failed', () => failures++);
  const error = await pool.query('SELECT 1').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MisconfiguredError);
  const message = `What answers at ${host}:${port} is no MySQL server: ${how}`;
  expect(error).toMatchObject({ cause: { code: 'NOT_MYSQL', message } });
  expect(failures).toBe(1);
});

test('a server that says nothing is told once the breaker is open', async () => {
  const pool = poolOn(plain, { connection: { ...config, port: mute.port }, connect: { timeoutMs: 200 } });
  const error = await pool.query('SELECT 1').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ServerUnavailableError);
  expect(error).toMatchObject({
    cause: { code: 'SERVER_SILENT', address: `${host}:${mute.port}`, stage: 'connected' },
  });
});

test('a refused port is an unavailable server, told once the breaker is open', async () => {
  const pool = poolOn(plain, { connection: { ...config, port: 1 }, connect: { initialDelayMs: 10 } });
  const error = await pool.query('SELECT 1').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ServerUnavailableError);
  expect(error).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test.each([
  ['polite', polite, { code: 'NOT_MYSQL' }],
  ['silent', mute, { code: 'ETIMEDOUT', syscall: 'connect' }],
])(
  'the drop-in tells its callbacks of a %s server in the words of mysql2, or by what it is',
  async (_, { port }, told) => {
    const pool = createPool({ ...config, password, port, connectTimeout: 1_000 });
    const answers = ['query', 'getConnection'].map(
      (how) =>
        new Promise((resolve) => {
          if (how === 'query') pool.query('SELECT 1', resolve);
          else pool.getConnection(resolve);
        }),
    );
    for (const error of await Promise.all(answers)) expect(error).toMatchObject(told);
    expect(pool.cryo.snapshot().breaker.state).toBe('open');
    pool.end();
  },
);

test('too many connections make callers wait, and open no breaker', async () => {
  const admin = await createConnection(plain.url);
  await admin.query('SET GLOBAL max_connections = 10');
  try {
    const pool = poolOn(plain, { size: { min: 0, max: 20 } });
    const busy = Array.from({ length: 20 }, () => pool.query('SELECT sleep(0.3)'));
    await expect(Promise.all(busy)).resolves.toHaveLength(20);
    expect(pool.snapshot().breaker.state).toBe('closed');
  } finally {
    await admin.query('SET GLOBAL max_connections = 151');
    await admin.end();
  }
});

const addresses: readonly (readonly [string, string])[] = [
  [`postgres://cryo:${PASSWORD}@host/db`, 'scheme'],
  [`cryo:${PASSWORD}@host`, 'scheme'],
  [`mysql://cryo:${PASSWORD}#1@host/db`, 'password'],
  [`mysql://cryo:12/${PASSWORD}@host/db`, 'password'],
  [`mysql://cryo:${PASSWORD}%zz@host/db`, 'password'],
  [`mysql://%zz:${PASSWORD}@host/db`, 'user'],
  [`mysql://cryo:${PASSWORD}@ho st/db`, 'host'],
  [`mysql://cryo:${PASSWORD}@host:99999/db`, 'port'],
  [`mysql://cryo:${PASSWORD}@host:${PASSWORD}/db`, 'port'],
  [`mysql://cryo:${PASSWORD}@host/%zz`, 'database'],
];

test.each(addresses)(
  'an address that cannot be read is told by its part, and nothing of it is shown (%#)',
  (connection, part) => {
    const given = fault(() => createMysqlPool({ connection }));
    expect(given.faults.map(({ path }) => path)).toEqual([`connection (its ${part})`]);
    expect(inspect(given, { depth: 9 }) + given.stack).not.toContain(PASSWORD);
  },
);

test('an address is read as mysql2 reads it', async () => {
  const pool = poolOn(plain, { connection: `${plain.url}?dateStrings=true&timezone=Z` });
  const [rows] = await pool.query("SELECT TIMESTAMP '2026-01-02 03:04:05' AS at");
  expect(rows).toEqual([{ at: '2026-01-02 03:04:05' }]);
});

test.each([
  ['an option in the address that mysql2 would leave out', `${plain.url}?ssl-mode=REQUIRED`, 'connection.ssl-mode'],
  ['TLS in the address that mysql2 cannot read', `${plain.url}?ssl=true`, 'connection'],
  ['an option that mysql2 does not know', { ...config, sslMode: 'REQUIRED' }, 'connection.sslMode'],
  ['a profile of TLS that mysql2 does not have', { ...config, ssl: 'Somewhere' }, 'connection'],
  ['a character set that mysql2 does not know', { ...config, charset: 'runes' }, 'connection'],
  ['a time zone by name', { ...config, timezone: 'Europe/Berlin' }, 'connection.timezone'],
])('%s is refused before anything is dialed', (_, connection, path) => {
  const given = fault(() => createMysqlPool({ connection }));
  expect(given.faults.map((each) => each.path)).toEqual([path]);
  expect(inspect(given, { depth: 9 })).not.toContain(PASSWORD);
});

test('every option that mysql2 reads is let through', async () => {
  const all = {
    flags: ['-ODBC'],
    charset: 'utf8mb4_unicode_ci',
    gracefulEnd: true,
    connectAttributes: { program_name: 'x' },
  };
  await expect(poolOn(plain, { connection: { ...config, ...all } }).query('SELECT 1')).resolves.toBeDefined();
});

test('an empty address is told as such: it is what an unset variable often comes to', () => {
  for (const connection of ['', { uri: ' ' }])
    expect(String(fault(() => createMysqlPool({ connection })))).toMatch(/is ' ?', expected a string such as 'mysql:/);
  expect(String(fault(() => createMysqlPool(undefined as never)))).toMatch(/options is undefined/);
});

test('every group of options of a pool is let through', async () => {
  const pool = poolOn(plain, { shedding: { targetMs: 20 }, metrics: { maxLabels: 2 } });
  await expect(pool.query('SELECT 1', [], { label: 'report' })).resolves.toBeDefined();
});

test('every fault of the options is in one error, those of the pool among them', () => {
  const options = {
    connection: { port: 0, connectionLimit: 10, password: 7 },
    target: 'standby',
    resetLevel: 'all',
    onConnect: 'SET x',
    validationQuery: 'DELETE FROM items',
    size: { max: -1 },
    nmae: 'orders',
  };
  const { faults } = fault(() => createMysqlPool(options as object as MysqlPoolOptions));
  expect(faults.map(({ path }) => path).toSorted()).toEqual([
    ...['connection.connectionLimit', 'connection.password', 'connection.port', 'nmae', 'onConnect', 'resetLevel'],
    ...['size.max', 'target', 'validationQuery'],
  ]);
  expect(fault(() => createMysqlPool(undefined as never)).faults[0]?.path).toBe('options');
});

test('a set-up that fails is told as such, and its connection is not kept', async () => {
  const pool = poolOn(plain, { onConnect: (connection) => connection.query('SET no_such_variable = 1') });
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({
    code: 'MISCONFIGURED',
    cause: { code: 'SETUP_FAILED', cause: { code: 'ER_UNKNOWN_SYSTEM_VARIABLE' } },
  });
});

function fault(make: () => unknown): InvalidOptionsError {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error;
    throw error;
  }
  throw new Error('nothing was wrong with it');
}

test('what throws when it is read is a fault of the option that holds it', () => {
  const unreadable = (options: object, name: string): never => {
    const get = () => {
      throw new Error('boom');
    };
    return Object.defineProperty({ ...options }, name, { get, enumerable: true }) as never;
  };
  const connection = 'mysql://cryo@127.0.0.1:1/x';
  expect(() => createMysqlPool(unreadable({ connection, name: '' }, 'size'))).toThrow(
    "createMysqlPool: name is '', expected a string that is not empty; size is unreadable, expected an object",
  );
  expect(() => createMysqlPool({ connection: unreadable({}, 'port') })).toThrow(
    "createMysqlPool: connection is '(not shown)', expected what can be read",
  );
});

test('a server behind a Unix socket is dialed, asked and told by the path of its socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cryo-socket-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const socketPath = join(folder, 'sql');
  const [rows] = await poolOn(plain).query<RowDataPacket[]>('SELECT @@socket AS path');
  const connection: MysqlConnectionConfig = { user, password, database, socketPath: String(rows[0]?.path) };
  expect(driverFor({ connection }).server).toEqual({ address: connection.socketPath, namespace: database });
  await expect(poolOn(plain, { connection }).query('SELECT 1')).resolves.toBeDefined();
  const stranger = createServer((socket) => void socket.once('data', () => socket.end('-ERR'))).listen(socketPath);
  onTestFinished(() => void stranger.close());
  const pool = poolOn(plain, { connection: { ...connection, socketPath }, connect: { timeoutMs: 400 } });
  const error = await pool.query('SELECT 1').catch((reason: unknown) => reason);
  expect(error).toMatchObject({ cause: { code: 'NOT_MYSQL', message: expect.stringContaining(socketPath) } });
});
