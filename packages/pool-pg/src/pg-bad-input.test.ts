import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import { startPostgres } from '@cryo/testkit/servers';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { curtServer, lineServer, silentServer } from '../test/drivers.ts';
import type { PgPoolOptions } from './pg-options.ts';
import { createPgPool } from './pg-pool.ts';

const server = await startPostgres();
const web = await silentServer('HTTP/1.1 400 Bad Request\r\n\r\n');
const shell = await silentServer('SSH-2.0-OpenSSH_9.6\r\n');
// Its first letter is one of PostgreSQL's.
const radio = await silentServer('RDS 1.0 at your service\r\n');
/** Asks for Kerberos (https://www.postgresql.org/docs/18/protocol-message-formats.html, AuthenticationKerberosV5 and GSS). */
const kerberos = await silentServer('R\0\0\0\x08\0\0\0\x07');
const store = await lineServer('-ERR wrong number of arguments');
const curt = await curtServer();
const mute = await silentServer();
afterAll(async () => {
  for (const one of [store, curt, mute]) one.close();
  web.close();
  shell.close();
  radio.close();
  kerberos.close();
  await server.remove();
});

/** What a caller of a pool with this connection is told, how often was dialed, and everything that was shown. */
async function failureOf(options: Partial<PgPoolOptions>) {
  const pool = createPgPool({ connection: server.url, size: { min: 0, max: 2 }, ...options });
  let dials = 0;
  pool.on('dial-started', () => dials++);
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: unknown } };
    return { error, dials, code: cause?.code, cause, shown: inspect(error, { depth: 9 }) };
  } finally {
    await pool.close({ timeoutMs: 100 });
  }
  throw new Error('it worked');
}

const at = (port: number) => `postgres://cryo:cold-as-ice@127.0.0.1:${port}/postgres`;

test.for([
  ['a wrong password', { connection: server.url.replace('cold-as-ice', 'hot-as-fire') }, '28P01'],
  ['an unknown user', { connection: server.url.replace('//cryo', '//nobody') }, '28P01'],
  ['an unknown database', { connection: `${server.url}_of_nobody` }, '3D000'],
  ['TLS where the server has none', { connection: { connectionString: server.url, ssl: true } }, 'TLS_REFUSED'],
  ['a web server', { connection: at(web.port) }, 'NOT_POSTGRES'],
  ['a web server, over TLS', { connection: { connectionString: at(web.port), ssl: true } }, 'NOT_POSTGRES'],
  ['a shell server', { connection: at(shell.port) }, 'NOT_POSTGRES'],
  ['a shell server, over TLS', { connection: { connectionString: at(shell.port), ssl: true } }, 'NOT_POSTGRES'],
  ['a server whose first letter could be PostgreSQL’s', { connection: at(radio.port) }, 'NOT_POSTGRES'],
  ['a way to authenticate that pg does not know', { connection: at(kerberos.port) }, 'UNREADABLE_ANSWER'],
  ['a CA that is no file', { connection: `${server.url}?sslrootcert=/no/such.crt` }, 'CONFIGURATION_REFUSED'],
  ['what pg makes no client of', { connection: `${server.url}?sslnegotiation=never` }, 'CONFIGURATION_REFUSED'],
  ['an option that the server does not know', { connection: `${server.url}?options=-c%20colour%3Dblue` }, '42704'],
  ['an onConnect that fails', { onConnect: (c) => c.query('SELEC') }, 'SETUP_FAILED'],
  ['a sealed password without a key', { connection: { ...server, password: 'sealed:v1:AAAA' } }, 'SEAL'],
] satisfies [string, Partial<PgPoolOptions>, string][])(
  '%s is refused at once with an error of its own, after one dial, and no secret is shown',
  async ([, options, code]) => {
    const failure = await failureOf(options);
    expect(failure.error).toBeInstanceOf(MisconfiguredError);
    expect(failure.code).toBe(code);
    expect(failure.dials).toBe(1);
    expect(failure.shown).not.toMatch(/cold-as-ice|hot-as-fire/);
  },
);

test('a name that nobody knows is a mistake, told at once; where the name service is away it is an outage', async () => {
  const connection = 'postgres://cryo:cold-as-ice@no-such-host.invalid/postgres';
  const failure = await failureOf({ connection, connect: { initialDelayMs: 10 } });
  const isKnownWrong = failure.code === 'ENOTFOUND';
  expect(failure.error).toBeInstanceOf(isKnownWrong ? MisconfiguredError : ServerUnavailableError);
  expect(failure.dials).toBe(isKnownWrong ? 1 : 5);
  expect(failure.shown).not.toContain('cold-as-ice');
});

test('a port that refuses is an outage: it is told when the breaker opens, within the connect timeout', async () => {
  const failure = await failureOf({ connection: at(1), connect: { initialDelayMs: 10 } });
  expect(failure.error).toBeInstanceOf(ServerUnavailableError);
  expect(failure.code).toBe('ECONNREFUSED');
  expect(failure.dials).toBe(5);
});

test('a server that says nothing to PostgreSQL’s first words is asked what it is, within the time of one dial', async () => {
  const failure = await failureOf({ connection: at(store.port), connect: { timeoutMs: 1_000 } });
  expect(failure.error).toBeInstanceOf(MisconfiguredError);
  expect(failure.cause).toMatchObject({
    code: 'NOT_POSTGRES',
    message: `What answers at 127.0.0.1:${store.port} is no PostgreSQL server: its answer begins with "-ERR wrong n"`,
  });
});

test('a server that says nothing at all is told when the breaker opens', async () => {
  const failure = await failureOf({ connection: at(mute.port), connect: { timeoutMs: 200 } });
  expect(failure.error).toBeInstanceOf(ServerUnavailableError);
  expect(failure.cause).toMatchObject({ code: 'SERVER_SILENT', stage: 'connected' });
});

test('one that hangs up without a word is an outage, told with what it may be', async () => {
  const failure = await failureOf({ connection: at(curt.port), connect: { initialDelayMs: 10 } });
  expect(failure.error).toBeInstanceOf(ServerUnavailableError);
  expect(failure.code).toBe('HUNG_UP');
  expect(failure.dials).toBe(5);
});

test('a password function that fails is told with what it threw', async () => {
  const password = () => Promise.reject(Object.assign(new Error('the vault is locked'), { code: 'VAULT' }));
  const failure = await failureOf({
    connection: { host: server.host, port: server.port, user: server.user, database: server.database, password },
    connect: { initialDelayMs: 10 },
  });
  expect(failure.code).toBe('VAULT');
});

test.for([
  ['mysql://cryo:s3cret@host/db', /connection \(scheme\)/],
  ['cryo:s3cret@host/db', /connection \(scheme\)/],
  ['postgres://cryo:s3/cret@host/db', /connection \(password\).*%2F/],
  ['postgres://cryo:s3#cret@host/db', /connection \(password\).*%23/],
  ['postgres://cryo:s3%cret@host/db', /connection \(password\).*%25/],
  ['postgres://cr%yo:s3cret@host/db', /connection \(user\)/],
  ['postgres://cryo:s3cret/db', /connection \(port\)/],
  ['postgres://cryo:s3cret@host:70000/db', /connection \(port\).*1 to 65535/],
  ['postgres://cryo:s3cret@one:5432,two:x/db', /connection \(port 2\)/],
  ['postgres://cryo:s3cret@ho st/db', /connection \(host\)/],
  ['postgres://cryo:s3cret@host/d%b', /connection \(database\)/],
  ['postgres://cryo:s3cret@/db?host=one,two,three&port=1,2', /connection \(port\)/],
  ['postgres://cryo:s3cret@/db?host=one,two&port=1,s3cret', /connection \(port 2\)/],
  ['postgres://cryo:s3cret@/db?host=one,,s3cret', /connection \(host 2\)/],
  ['postgres://cryo:s3cret@host/db?target_session_attrs=s3cret', /connection \(target_session_attrs\)/],
] satisfies [string, RegExp][])(
  'of a connection string as %s the bad part is named and nothing is shown',
  ([connection, named]) => {
    let error: unknown;
    try {
      createPgPool({ connection });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(String(error)).toMatch(named);
    expect(inspect(error)).not.toMatch(/s3|cret/);
  },
);

test('no TLS may be said with null, as pg has it', async () => {
  const pool = createPgPool({ connection: { connectionString: server.url, ssl: null } as never });
  await pool.query('SELECT 1');
  await pool.close();
});

test('an empty connection string is told as such: it is what an unset variable often comes to', () => {
  for (const connection of ['', ' ', { connectionString: '' }])
    expect(() => createPgPool({ connection })).toThrow(/is ' ?', expected a connection string such as 'postgres:/);
  expect(() => createPgPool(undefined as never)).toThrow(/options is undefined/);
});

test('every group of options of a pool is let through', async () => {
  const pool = createPgPool({ connection: server.url, shedding: { targetMs: 20 }, metrics: { maxLabels: 2 } });
  await pool.query('SELECT 1', [], { label: 'report' });
  await pool.close();
});

test('every fault of the options is told in one error', () => {
  const options = {
    connection: { port: 0, password: 7, host: 7, hosts: [{}] },
    target: 'leader',
    resetLevel: 'some',
    size: { max: 0 },
    colour: 'blue',
  };
  for (const connection of [[], new URL(server.url)]) {
    expect(() => createPgPool({ connection } as never)).toThrow(
      /connection is .*expected a connection string, or pg's/,
    );
  }
  expect(() => createPgPool(options as never)).toThrow(
    /colour.*connection\.password.*connection\.host.*connection\.port.*hosts\.0\.host.*target.*resetLevel.*size\.max/s,
  );
});

test('what throws when it is read is a fault of the option that holds it', () => {
  const unreadable = (options: object, name: string): never => {
    const get = () => {
      throw new Error('boom');
    };
    return Object.defineProperty({ ...options }, name, { get, enumerable: true }) as never;
  };
  const connection = 'postgres://cryo@127.0.0.1:1/x';
  expect(() => createPgPool(unreadable({ connection, name: '' }, 'size'))).toThrow(
    "createPgPool '': name is '', expected a string that is not empty; size is unreadable, expected an object",
  );
  expect(() => createPgPool({ connection: unreadable({}, 'port') })).toThrow(
    "createPgPool: connection is '(not shown)', expected what can be read",
  );
});

test('a server behind a Unix socket is dialed, asked and told by the path of its socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cryo-socket-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { user, password, database } = server;
  const behind = createServer((socket) => {
    const end = connect(server.port, server.host);
    for (const one of [socket, end]) one.on('error', () => {});
    socket.pipe(end).pipe(socket);
  }).listen(join(folder, '.s.PGSQL.5432'));
  onTestFinished(() => void behind.close());
  const pool = createPgPool({ connection: { user, password, database, host: folder }, size: { min: 0, max: 1 } });
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await pool.close();
  const answer = (socket: Socket) => socket.on('data', (chunk) => chunk[0] !== 0 && socket.end('-ERR'));
  const stranger = createServer(answer).listen(join(folder, '.s.PGSQL.5433'));
  onTestFinished(() => void stranger.close());
  const failure = await failureOf({ connection: { user, host: folder, port: 5433 }, connect: { timeoutMs: 400 } });
  const message = expect.stringContaining(join(folder, '.s.PGSQL.5433'));
  expect(failure.cause).toMatchObject({ code: 'NOT_POSTGRES', message });
});
