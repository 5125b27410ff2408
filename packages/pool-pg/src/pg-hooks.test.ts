import { createUnsealer, newSealingKey, seal } from '@cryo/pool-core';
import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../test/eventually.ts';
import { Pool } from './pg-compatible.ts';
import type { PgPoolOptions } from './pg-options.ts';
import { createPgPool, type PgPool } from './pg-pool.ts';
import type { PgConnection, PgLogin } from './pg-types.ts';

const server = await startPostgres();
const admin = new pg.Client(server.url);
beforeAll(() => admin.connect());
afterAll(async () => {
  await admin.end();
  await server.remove();
});

const pools: PgPool[] = [];
function poolOf(options: Partial<PgPoolOptions>): PgPool {
  const pool = createPgPool({
    connection: server.url,
    size: { min: 0, max: 1 },
    connect: { timeoutMs: 100, initialDelayMs: 10 },
    ...options,
  });
  pools.push(pool);
  return pool;
}
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close({ timeoutMs: 100 });
});

const never = new Promise<never>(() => {});
/** Answers nothing the first times, and then what is given. */
const silentFor = <Result>(times: number, answer: Result) => {
  let asked = 0;
  return (): Promise<Result> => (++asked <= times ? never : Promise.resolve(answer));
};
const terminate = (id: unknown) => admin.query('SELECT pg_terminate_backend($1, 1000)', [id]);
const backendOf = (connection: PgConnection) => (connection as PgConnection & { readonly processID: number }).processID;

test('an onConnect that never answers costs its dial, and no place in the pool', async () => {
  const pool = poolOf({ onConnect: silentFor(3, undefined) });
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  expect(pool.snapshot()).toMatchObject({ live: 1, abandoned: 0 });
});

test('an onConnect that never answers after a reset costs the connection, and no place in the pool', async () => {
  let asked = 0;
  const pool = poolOf({
    resetLevel: 'session',
    reset: { timeoutMs: 50 },
    onConnect: () => (++asked === 2 ? never : undefined),
  });
  const first = await pool.use(backendOf);
  expect(await pool.use(backendOf)).not.toBe(first);
  expect(pool.snapshot().abandoned).toBe(0);
});

test('a key store that never answers costs its dial, and no place in the pool', async () => {
  const key = newSealingKey();
  const unsealer = createUnsealer({ keys: silentFor(3, key) });
  const pool = poolOf({ connection: await seal(server.url, key), unsealer });
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  expect(pool.snapshot().abandoned).toBe(0);
});

test('a password function is told whose password it is asked for', async () => {
  const asked: PgLogin[] = [];
  const { host, port, user, database } = server;
  const password = (login: PgLogin) => {
    asked.push(login);
    return server.password;
  };
  await poolOf({ connection: { user, database, password, hosts: [{ host, port }] } }).query('SELECT 1');
  const pool = new Pool({ host, port, user, database, password: password as () => string });
  await pool.query('SELECT 1');
  await pool.end();
  const login = expect.objectContaining({ user, host, port, database });
  expect(asked).toEqual([login, login]);
});

test('a connection that a former holder ends is not lent again', async () => {
  const pool = poolOf({});
  const lease = await pool.acquire();
  const { connection } = lease;
  lease.release();
  const ended = connection.end();
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await ended;
  const dropIn = new Pool({ connectionString: server.url, max: 1 });
  const client = (await dropIn.connect()) as PgConnection & pg.PoolClient;
  client.release();
  const told = new Promise<unknown>((resolve) => client.end(resolve));
  expect((await dropIn.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await told;
  await dropIn.end();
});

test('a client that tells of an error while it connects, and nothing else, fails at once', async () => {
  class Failing extends pg.Client {
    override connect(): never {
      process.nextTick(() => this.emit('error', new Error('the password file is unreadable')));
      return undefined as never;
    }
  }
  const pool = new Pool({ Client: Failing });
  await expect(pool.connect()).rejects.toThrow('the password file is unreadable');
  await pool.end();
});

test('a holder who removes all listeners of a connection ends no process: it is replaced', async () => {
  const pool = poolOf({});
  const dropIn = new Pool({ connectionString: server.url, max: 1 });
  const ids = [
    await pool.use((connection) => {
      connection.removeAllListeners();
      return backendOf(connection);
    }),
  ];
  const client = await dropIn.connect();
  ids.push(backendOf(client));
  client.removeAllListeners('error');
  client.release();
  await eventually(() => [pool.snapshot().connections.idle, dropIn.idleCount]).toEqual([0, 0]);
  for (const id of ids) await terminate(id);
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual((await dropIn.query('SELECT 1 AS one')).rows);
  await dropIn.end();
});
