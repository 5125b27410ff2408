import { createUnsealer, newSealingKey, seal } from '@cryo/pool-core';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { poolOn } from '../test/servers.ts';
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
