import { once } from 'node:events';
import { inspect } from 'node:util';
import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { confusedServer } from '../test/drivers.ts';
import { eventually } from '../test/eventually.ts';
import { Pool } from './pg-compatible.ts';

const server = await startPostgres();
const admin = new pg.Client(server.url);
beforeAll(() => admin.connect());
afterAll(async () => {
  await admin.end();
  await server.remove();
});

const { host, port, user, password, database } = server;
const login = { host, port, user, password, database };
const pools: pg.Pool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) if (!pool.ending) await pool.end();
});
const terminate = (client: pg.PoolClient) =>
  admin.query('SELECT pg_terminate_backend($1, 1000)', [(client as pg.PoolClient & { processID: number }).processID]);

const classes: readonly { readonly what: string; readonly Class: new (options?: pg.PoolConfig) => pg.Pool }[] = [
  { what: 'pg.Pool', Class: pg.Pool },
  { what: 'the drop-in', Class: Pool },
];

// What pg's own pool does, the drop-in does: each sentence is asked of both.
describe.each(classes)('$what', ({ Class }) => {
  const poolOf = (options: pg.PoolConfig = {}): pg.Pool => {
    const pool = new Class({ ...login, max: 2, ...options });
    pools.push(pool);
    return pool;
  };
  const counts = (pool: pg.Pool) => [pool.totalCount, pool.idleCount, pool.waitingCount, pool.expiredCount];

  test('is a pg.Pool, and its class says Pool', () => {
    const pool = poolOf();
    expect(pool).toBeInstanceOf(pg.Pool);
    expect(pool.constructor.name).toMatch(/Pool/);
    expect([pool.ending, pool.ended]).toEqual([false, false]);
  });

  test('can be derived from', async () => {
    class Derived extends Class {
      readonly asked: unknown[] = [];
      override query(...given: unknown[]): never {
        this.asked.push(given[0]);
        return super.query(...(given as [string])) as never;
      }
    }
    const pool = new Derived(login);
    pools.push(pool);
    await (pool as pg.Pool).query('SELECT 1');
    expect(pool.asked).toEqual(['SELECT 1']);
    expect(pool).toBeInstanceOf(pg.Pool);
  });

  test('answers statements of every form, by promise', async () => {
    const pool = poolOf();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect((await pool.query('SELECT $1::int AS one', [1])).rows).toEqual([{ one: 1 }]);
    expect((await pool.query({ text: 'SELECT $1::int', values: [1], rowMode: 'array' })).rows).toEqual([[1]]);
    const answered = pool.query(new pg.Query('SELECT 2 AS two') as never) as unknown;
    expect(await answered).toMatchObject({ rows: [{ two: 2 }] });
  });

  test('answers statements by callback, returning nothing', async () => {
    const pool = poolOf();
    const answered = await new Promise((resolve) => {
      expect(pool.query('SELECT 1 AS one', (error, result) => resolve([error, result.rows]))).toBeUndefined();
    });
    expect(answered).toEqual([undefined, [{ one: 1 }]]);
    const withValues = await new Promise((resolve) => {
      const returned = pool.query('SELECT $1::int AS one', [1], (_error, result) => resolve(result.rows));
      expect(returned).toBeUndefined();
    });
    expect(withValues).toEqual([{ one: 1 }]);
    const failed = await new Promise((resolve) => pool.query('SELEC', (error) => resolve(error)));
    expect(failed).toMatchObject({ code: '42601' });
  });

  test('refuses a function as a statement, and nothing at all', async () => {
    const pool = poolOf();
    const told = await new Promise((resolve) => pool.query(resolve as never));
    expect(String(told)).toMatch(/Passing a function as the first parameter/);
    await expect(pool.query(undefined as never)).rejects.toThrow(/null or undefined query/);
    expect(counts(pool).slice(2)).toEqual([0, 0]);
  });

  test('lends a client by promise and by callback, with its release', async () => {
    const pool = poolOf();
    const client = await pool.connect();
    const released = await new Promise<unknown>((resolve) => {
      const returned = pool.connect((error, lent, release) => {
        release();
        resolve([error, typeof lent?.query]);
      });
      expect(returned).toBeUndefined();
    });
    expect(released).toEqual([undefined, 'function']);
    client.release();
    expect(() => client.release()).toThrow('Release called on client which has already been released to the pool.');
  });

  test('counts change in the moment of the call', async () => {
    const pool = poolOf();
    expect(counts(pool)).toEqual([0, 0, 0, 0]);
    const asked = [pool.connect(), pool.connect(), pool.connect()];
    expect(counts(pool)).toEqual([2, 0, 1, 0]);
    const [first, second] = await Promise.all(asked.slice(0, 2));
    first?.release();
    const third = await asked[2];
    expect(counts(pool)).toEqual([2, 0, 0, 0]);
    second?.release();
    expect(counts(pool)).toEqual([2, 1, 0, 0]);
    third?.release(true);
    expect(counts(pool)).toEqual([1, 1, 0, 0]);
  });

  test('tells of connect, acquire, release and remove, with the client', async () => {
    const pool = poolOf();
    const told: unknown[] = [];
    pool.on('connect', (client) => told.push(['connect', client]));
    pool.on('acquire', (client) => told.push(['acquire', client]));
    pool.on('release', (error, client) => told.push(['release', error, client]));
    pool.on('remove', (client) => told.push(['remove', client]));
    const client = await pool.connect();
    const failure = new Error('not any more');
    client.release();
    await pool.connect();
    client.release(failure);
    await once(pool, 'remove');
    expect(told).toEqual([
      ['connect', client],
      ['acquire', client],
      ['release', undefined, client],
      ['acquire', client],
      ['release', failure, client],
      ['remove', client],
    ]);
  });

  test('tells of the release behind a statement of its own with null where all went well', async () => {
    const pool = poolOf();
    const told: unknown[] = [];
    pool.on('release', (error) => told.push(error));
    await pool.query('SELECT 1');
    const failure = await pool.query('SELEC').catch((error: unknown) => error);
    expect(told).toEqual([null, failure]);
  });

  test('what a connect listener asks of the client comes before what its first holder asks', async () => {
    // pg's own pool asks both at once, of which pg warns.
    process.noDeprecation = Class === pg.Pool;
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => {
      process.noDeprecation = false;
      process.removeListener('warning', warned);
    });
    const pool = poolOf();
    pool.on('connect', (client) => void client.query(`SET TIME ZONE 'Asia/Tokyo'`));
    expect((await pool.query('SHOW TimeZone')).rows).toEqual([{ TimeZone: 'Asia/Tokyo' }]);
    expect(warnings).toEqual([]);
  });

  test('what was asked before the end is answered, where connections are on their way', async () => {
    const pool = poolOf({ max: 3 });
    const answers = [1, 2, 3].map((value) => pool.query('SELECT $1::int AS value', [value]));
    await pool.end();
    expect((await Promise.all(answers)).map(({ rows }) => rows[0].value)).toEqual([1, 2, 3]);
  });

  test('a subclass that does more when it connects does so for query too', async () => {
    class Tenants extends Class {
      override async connect(callback?: unknown): Promise<never> {
        const client = await super.connect();
        await client.query(`SET application_name = 'tenant'`);
        (callback as (error: undefined, client: pg.PoolClient) => void)(undefined, client);
        return client as never;
      }
    }
    const pool = new Tenants({ ...login, max: 1 });
    pools.push(pool);
    const name = `SELECT current_setting('application_name') AS name`;
    for (let turn = 0; turn < 2; turn++) expect((await pool.query(name)).rows).toEqual([{ name: 'tenant' }]);
    await expect(pool.query('SELEC')).rejects.toMatchObject({ code: '42601' });
    expect((await pool.query(name)).rows).toEqual([{ name: 'tenant' }]);
  });

  test('no TLS may be null, and no limit Infinity', async () => {
    const pool = poolOf({ ssl: null, max: Number.POSITIVE_INFINITY } as never);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('an error that comes in the same breath as the answer is the idle client’s, and the pool tells it', async () => {
    const confused = await confusedServer();
    const pool = poolOf({ host: '127.0.0.1', port: confused.port, ssl: false });
    const told = once(pool, 'error');
    await pool.query('SELECT');
    const [error] = await told;
    expect(error.message).toMatch(/unexpected parseComplete/i);
    expect(pool.totalCount).toBe(0);
    confused.close();
  });

  test('an idle client that is ended tells of its error and is gone', async () => {
    const pool = poolOf();
    const client = await pool.connect();
    client.release();
    const told = once(pool, 'error');
    await terminate(client);
    const [error, whose] = await told;
    expect(error).toMatchObject({ code: '57P01' });
    expect(error.client).toBe(client);
    expect(whose).toBe(client);
    expect(pool.totalCount).toBe(0);
    await pool.query('SELECT 1');
  });

  test('an error that a release names ends the client', async () => {
    const pool = poolOf({ max: 1 });
    const client = await pool.connect();
    client.release(new Error('broken'));
    const next = await pool.connect();
    expect(next).not.toBe(client);
    next.release();
  });

  test('onConnect is awaited, and its failure is told as it is', async () => {
    const setUp = poolOf({ onConnect: (client) => client.query('SET search_path = pg_catalog') as never });
    expect((await setUp.query('SHOW search_path')).rows).toEqual([{ search_path: 'pg_catalog' }]);
    const failing = poolOf({ onConnect: () => Promise.reject(new Error('no such role')) as never });
    await expect(failing.query('SELECT 1')).rejects.toThrow('no such role');
  });

  test('verify may refuse a new client', async () => {
    const pool = poolOf({ verify: (_client, done) => done(new Error('not this one')) });
    await expect(pool.connect()).rejects.toThrow('not this one');
  });

  test('maxUses ends a client after so many leases', async () => {
    const pool = poolOf({ maxUses: 2, max: 1 });
    const seen = new Set<unknown>();
    for (let turn = 0; turn < 4; turn++) {
      const client = await pool.connect();
      seen.add(client);
      client.release();
    }
    expect(seen.size).toBe(2);
  });

  test('a client past its lifetime is counted while it is lent, and ends when it comes home', async () => {
    const pool = poolOf({ maxLifetimeSeconds: 0.05 });
    const client = await pool.connect();
    await eventually(() => pool.expiredCount).toBe(1);
    client.release();
    await once(pool, 'remove');
    expect(counts(pool)).toEqual([0, 0, 0, 0]);
  });

  test('an idle client ends after idleTimeoutMillis', async () => {
    const pool = poolOf({ idleTimeoutMillis: 20 });
    await pool.query('SELECT 1');
    await eventually(() => pool.totalCount, { timeout: 5_000 }).toBe(0);
  });

  test('a wait longer than connectionTimeoutMillis ends with an error that says so', async () => {
    const pool = poolOf({ max: 1, connectionTimeoutMillis: 1_000 });
    const client = await pool.connect();
    await expect(pool.connect()).rejects.toThrow('timeout exceeded when trying to connect');
    client.release();
  });

  test('zeros mean no limit', async () => {
    const pool = poolOf({
      connectionTimeoutMillis: 0,
      idleTimeoutMillis: 0,
      maxLifetimeSeconds: 0,
      maxUses: 0,
      min: 0,
      max: 0,
    });
    expect(pool.options.max).toBe(10);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('the driver’s own error reaches the caller when the server refuses', async () => {
    await expect(poolOf({ password: 'wrong' }).query('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    await expect(poolOf({ database: 'nowhere' }).connect()).rejects.toMatchObject({ code: '3D000' });
    const refused = await new Promise((resolve) => poolOf({ database: 'nowhere' }).connect((error) => resolve(error)));
    expect(refused).toMatchObject({ code: '3D000' });
  });

  test('a client class of the caller’s own is used', async () => {
    class Own extends pg.Client {}
    const pool = poolOf({ Client: Own as never });
    const client = await pool.connect();
    expect(client).toBeInstanceOf(Own);
    client.release();
  });

  test('password and key are readable in the options and not shown by an inspection', () => {
    const pool = poolOf({ password: 'open-sesame', ssl: { key: 'skeleton-key' } });
    expect(pool.options).toMatchObject({ password: 'open-sesame', ssl: { key: 'skeleton-key' } });
    expect(inspect(pool, { depth: 9 })).not.toMatch(/sesame|skeleton/);
  });

  test('ends once every client is home, refuses what comes later, and ends only once', async () => {
    const pool = poolOf();
    const client = await pool.connect();
    await pool.query('SELECT 1');
    const ended = pool.end();
    expect([pool.ending, pool.ended]).toEqual([true, false]);
    await expect(pool.connect()).rejects.toThrow('Cannot use a pool after calling end on the pool');
    await expect(pool.query('SELECT 1')).rejects.toThrow('Cannot use a pool after calling end on the pool');
    await expect(pool.end()).rejects.toThrow('Called end on pool more than once');
    client.release();
    await ended;
    expect([pool.ending, pool.ended]).toEqual([true, true]);
    expect(counts(pool)).toEqual([0, 0, 0, 0]);
  });

  test('ends by callback', async () => {
    const pool = poolOf();
    await pool.query('SELECT 1');
    await new Promise<void>((resolve) => {
      expect(pool.end(resolve)).toBeUndefined();
    });
    expect(pool.ended).toBe(true);
  });
});
