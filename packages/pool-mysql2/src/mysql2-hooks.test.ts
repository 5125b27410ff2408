import { createUnsealer, newSealingKey, seal } from '@cryo/pool-core';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driverFor, poolOn } from '../test/servers.ts';
import type { MysqlPoolOptions } from './mysql2-options.ts';
import type { MysqlConnection } from './mysql2-types.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.remove());

const hurried = { size: { min: 0, max: 1 }, connect: { timeoutMs: 100, initialDelayMs: 10 } };
const never = new Promise<never>(() => {});
/** Answers nothing the first times, and then what is given. */
const silentFor = <Result>(times: number, answer: Result) => {
  let asked = 0;
  return (): Promise<Result> => (++asked <= times ? never : Promise.resolve(answer));
};

const idOf = async (connection: MysqlConnection): Promise<unknown> => {
  const [rows] = await connection.query('SELECT connection_id() AS id');
  return (rows as { readonly id: number }[])[0]?.id;
};

const hooks: Readonly<Record<string, () => Partial<MysqlPoolOptions> | Promise<Partial<MysqlPoolOptions>>>> = {
  'a password function': () => {
    const { host, port, user, password, database } = server;
    return { connection: { host, port, user, database, password: silentFor(3, password) } };
  },
  'an onConnect': () => ({ onConnect: silentFor(3, undefined) }),
  'a key store': async () => {
    const key = newSealingKey();
    return { connection: await seal(server.url, key), unsealer: createUnsealer({ keys: silentFor(3, key) }) };
  },
};

test.each(Object.entries(hooks))('%s that never answers costs its dial, and no place in the pool', async (_, hook) => {
  const pool = poolOn(server, { ...hurried, ...(await hook()) });
  const [rows] = await pool.query('SELECT 1 AS one');
  expect(rows).toEqual([{ one: 1 }]);
  expect(pool.snapshot()).toMatchObject({ live: 1, abandoned: 0 });
});

test('an onConnect that never answers after a reset costs the connection, and no place in the pool', async () => {
  let asked = 0;
  const onConnect = () => (++asked === 2 ? never : undefined);
  const pool = poolOn(server, { ...hurried, reset: { timeoutMs: 50 }, resetLevel: 'everything', onConnect });
  const first = await pool.use(idOf);
  expect(await pool.use(idOf)).not.toBe(first);
  expect(pool.snapshot().abandoned).toBe(0);
});

test('a sealed address that cannot be read once it is open is told by the part that is wrong, and nothing is dialed instead', async () => {
  const key = newSealingKey();
  const unsealer = createUnsealer({ keys: key });
  for (const [text, part] of [
    ['mysql://cryo:secret@db:70000/stock', 'its port'],
    ['mysql://cryo:secret@db/stock?ssl-mode=REQUIRED', 'ssl-mode'],
  ] as const) {
    const pool = poolOn(server, { connection: await seal(text, key), unsealer });
    const error = await pool.query('SELECT 1').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'MISCONFIGURED', cause: { code: 'INVALID_OPTIONS' } });
    expect(error.message).toContain(part);
    expect(error.message).not.toContain('secret');
  }
});

test('where the address or the port is sealed, none is told in its place', async () => {
  const key = newSealingKey();
  const unsealer = createUnsealer({ keys: key });
  const { host, user, password } = server;
  const port = (await seal(String(server.port), key)) as never;
  expect(driverFor({ connection: await seal(server.url, key), unsealer }).server).toBeUndefined();
  expect(driverFor({ connection: { host, port, user, password }, unsealer }).server).toEqual({ address: host });
});
