import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { startProxy } from '@cryo/testkit/chaos';
import { startPostgres } from '@cryo/testkit/servers';
import { drizzle } from 'drizzle-orm/node-postgres';
import { PostgresDialect } from 'kysely';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { afterAll, afterEach, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { eventually } from '../test/eventually.ts';
import { corePoolOf, Pool } from './pg-compatible.ts';

const server = await startPostgres();
const admin = new pg.Client(server.url);
beforeAll(() => admin.connect());
afterAll(async () => {
  await admin.end();
  await server.remove();
});

let pool: Pool;
const poolOf = (options: pg.PoolConfig = {}): Pool => {
  pool = new Pool({ connectionString: server.url, max: 1, ...options });
  return pool;
};
afterEach(async () => {
  if (!pool.ending) await pool.end();
});

const backend = async (): Promise<number> => (await pool.query('SELECT pg_backend_pid() AS id')).rows[0].id;

test('a statement that fails by its own fault keeps its connection', async () => {
  poolOf();
  const before = await backend();
  await expect(pool.query('SELEC')).rejects.toMatchObject({ code: '42601' });
  expect(await backend()).toBe(before);
});

test('a transaction that a release leaves open is rolled back before the next holder', async () => {
  poolOf();
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('CREATE TABLE never_there ()');
  client.release();
  expect((await pool.query(`SELECT to_regclass('never_there') AS found`)).rows).toEqual([{ found: null }]);
});

test('an idle client whose connection breaks ends no process for want of a listener', async () => {
  poolOf();
  const id = await backend();
  await admin.query('SELECT pg_terminate_backend($1, 1000)', [id]);
  await eventually(() => pool.totalCount).toBe(0);
  expect(await backend()).not.toBe(id);
});

test('a client that its holder gives back to be ended puts no other under suspicion, and counts as no error', async () => {
  poolOf({ max: 2 });
  const one = await pool.connect();
  const other = await pool.connect();
  other.release();
  one.release(true);
  expect(corePoolOf(pool)?.snapshot().suspects).toBe(0);
  await eventually(() => pool.totalCount).toBe(1);
  expect(corePoolOf(pool)?.health().status).toBe('ok');
});

test('a lent client whose connection breaks ends no process, and whoever uses it is told', async () => {
  poolOf();
  const client = await pool.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS id');
  await admin.query('SELECT pg_terminate_backend($1, 1000)', [rows[0].id]);
  await expect(client.query('SELECT 1')).rejects.toThrow();
  client.release();
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('a lent client whose connection ended frees its place, also when its holder never releases it', async () => {
  poolOf();
  const client = await pool.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS id');
  await admin.query('SELECT pg_terminate_backend($1, 1000)', [rows[0].id]);
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  client.release();
  expect(() => client.release()).toThrow('already been released');
  await pool.end();
});

test('a server that is away for a moment is waited for', async () => {
  const proxy = await startProxy({ target: server });
  await proxy.apply({ kind: 'refusal' });
  poolOf({ connectionString: server.url.replace(String(server.port), String(proxy.port)) });
  const dialFailed = new Promise((resolve) => corePoolOf(pool)?.on('dial-failed', resolve));
  const answer = pool.query('SELECT 1 AS one');
  await dialFailed;
  await proxy.heal();
  expect((await answer).rows).toEqual([{ one: 1 }]);
  await pool.end();
  await proxy.remove();
});

test('those who asked before the pool ends are served first, however many they are', async () => {
  poolOf();
  const client = await pool.connect();
  const answers = [1, 2, 3].map((value) => pool.query('SELECT $1::int AS value', [value]));
  const ended = pool.end();
  await expect(pool.connect()).rejects.toThrow('Cannot use a pool after calling end on the pool');
  client.release();
  await ended;
  expect((await Promise.all(answers)).map(({ rows }) => rows[0].value)).toEqual([1, 2, 3]);
});

test.for(['connect', 'acquire', 'release'] as const)(
  'what a listener of %s throws is the process’s to hear, and costs no client',
  async (name) => {
    poolOf();
    pool.once(name, () => {
      throw new Error('a bad listener');
    });
    const heard = uncaught();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(await heard).toMatchObject({ message: 'a bad listener' });
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
  },
);

/** What the process hears next, which nobody else does. */
async function uncaught(): Promise<unknown> {
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  try {
    const [error] = await new Promise<unknown[]>((resolve) =>
      process.once('uncaughtException', (...told) => resolve(told)),
    );
    return error;
  } finally {
    for (const other of others) process.on('uncaughtException', other);
  }
}

test('a cursor given to query is read by whoever has it, and its client is free when it ends', async () => {
  poolOf();
  const cursor = new Cursor('SELECT n FROM generate_series(1, 10) AS n');
  const ended = pool.query(cursor as never);
  expect(await cursor.read(2)).toEqual([{ n: 1 }, { n: 2 }]);
  expect(pool.idleCount).toBe(0);
  await cursor.close();
  await ended;
  await eventually(() => pool.idleCount).toBe(1);
  const failing = new Cursor('SELEC');
  await expect(pool.query(failing as never)).rejects.toMatchObject({ code: '42601' });
  await eventually(() => pool.idleCount).toBe(1);
});

test('a connection string is readable in the options and not shown by an inspection', () => {
  poolOf();
  expect(pool.options.connectionString).toBe(server.url);
  expect(inspect(pool, { depth: 9, showHidden: false })).not.toContain(server.password);
});

test('the pool behind a drop-in can be asked how it is', async () => {
  poolOf();
  await pool.query('SELECT 1');
  expect(corePoolOf(pool)?.snapshot().connections.idle).toBe(1);
  expect(corePoolOf(pool)?.health().status).not.toBe('down');
  expect(corePoolOf(new pg.Pool())).toBeUndefined();
});

test('an idle pool lets the process end where allowExitOnIdle says so', async () => {
  poolOf();
  const program = fileURLToPath(new URL('../test/exit-on-idle.ts', import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, DATABASE_URL: server.url },
    stdio: 'pipe',
  });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});

test('a stub of a client will do that connects, answers and ends by callback', async () => {
  class Stub extends EventEmitter {
    connect(connected: () => void) {
      process.nextTick(connected);
    }
    query(_text: string, _values: unknown, answered: (error: undefined, result: unknown) => void) {
      process.nextTick(answered, undefined, { rows: [{ stub: true }] });
    }
    end() {
      this.emit('end');
    }
  }
  poolOf({ Client: Stub as never });
  for (let turn = 0; turn < 3; turn++) expect((await pool.query('SELECT 1')).rows).toEqual([{ stub: true }]);
  expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
  await pool.end();
  expect(pool.totalCount).toBe(0);
});

test('its type is pg’s own, where a pool of pg is asked for and where an ORM asks for one', () => {
  poolOf();
  expectTypeOf(pool).toExtend<pg.Pool>();
  expectTypeOf<pg.Pool>().toExtend<Pool>();
  expectTypeOf(new Pool().query<{ id: number }>('SELECT 1')).resolves.toEqualTypeOf<pg.QueryResult<{ id: number }>>();
  expectTypeOf(new Pool().connect()).resolves.toEqualTypeOf<pg.PoolClient>();
  expectTypeOf(Pool).toExtend<new (options?: pg.PoolConfig) => pg.Pool>();
  expect(new PostgresDialect({ pool })).toBeDefined();
  expect(drizzle(pool)).toBeDefined();
});

test('a certificate in a PFX file and the passphrase of a key reach the client of pg, and the object of the caller is left as it was', async () => {
  const ssl = { pfx: 'certificate', passphrase: 'sesame' };
  const given: unknown[] = [];
  class Watched extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      given.push({ ...(typeof config?.ssl === 'object' ? config.ssl : {}) });
    }
  }
  poolOf({ ssl, Client: Watched, connectionTimeoutMillis: 500 });
  await pool.connect().catch(() => undefined);
  expect(given[0]).toEqual(ssl);
  expect(Object.keys(ssl)).toEqual(['pfx', 'passphrase']);
  expect(inspect(pool, { depth: 9 })).not.toContain('sesame');
});

test('a number that cannot be meant is refused by the name that it was given under, and a text of digits is none', () => {
  const options = { max: 'many', min: -1, idleTimeoutMillis: Number.NaN, maxUses: 0.5, maxLifetimeSeconds: '-3' };
  expect(() => new Pool(options as never)).toThrow(
    /pg\.Pool: max is 'many', expected .* connections, or Infinity; min is -1.*idleTimeoutMillis is NaN.*maxUses.*'-3'/,
  );
  expect(new Pool({ max: '7', min: null, connectionTimeoutMillis: '50' } as never).options.max).toBe('7');
});
