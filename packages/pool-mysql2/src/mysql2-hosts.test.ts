import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { beside, poolOn } from '../test/servers.ts';
import type { MysqlPoolOptions } from './mysql2-options.ts';
import { createMysqlPool, type MysqlPool } from './mysql2-pool.ts';

let first: TestServer;
let second: TestServer;
beforeAll(async () => {
  [first, second] = await Promise.all([startMariadb(), startMariadb()]);
});
afterAll(async () => {
  await Promise.all([first?.remove(), second?.remove()]);
});

const hostsOf = (...ports: number[]) => ports.map((port) => ({ host: '127.0.0.1', port }));

function poolAt(ports: readonly number[], options: Partial<MysqlPoolOptions> = {}): MysqlPool {
  const { user, password, database } = first;
  const connection = { user, password, database, hosts: hostsOf(...ports) };
  return poolOn(first, { connection, connect: { timeoutMs: 2_000, initialDelayMs: 20 }, ...options });
}

async function portServing(pool: MysqlPool): Promise<number> {
  const [rows] = await pool.query<never[]>('SELECT @@port AS port');
  return Number((rows[0] as { readonly port: number } | undefined)?.port);
}

test('of several hosts the first that answers serves, and goes first from then on', async () => {
  const pool = poolAt([1, second.port, first.port]);
  expect(await portServing(pool)).toBe(second.port);
  pool.recycle();
  expect(await portServing(pool)).toBe(second.port);
});

test('several hosts may stand in an address, each with its port', async () => {
  const { user, password, database } = first;
  const connection = `mysql://${user}:${password}@127.0.0.1:1,127.0.0.1:${second.port}/${database}`;
  expect(await portServing(poolOn(first, { connection }))).toBe(second.port);
});

test('a host that says nothing has its share of the time of a dial and no more', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  expect(await portServing(poolAt([port, second.port], { connect: { timeoutMs: 800 } }))).toBe(second.port);
});

test('when no host gives a connection the error has what each of them said', async () => {
  const pool = poolAt([1, 2], { breaker: { threshold: 1 } });
  const error = await pool.query('SELECT 1').catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ServerUnavailableError);
  expect(error.cause).toMatchObject({ code: 'ALL_HOSTS_FAILED' });
  expect(error.cause.message).toMatch(/127\.0\.0\.1:1: .*ECONNREFUSED.*127\.0\.0\.1:2: .*ECONNREFUSED/s);
});

test('hosts that all refuse the login are a mistake, and one that is only away is not', async () => {
  const { user, database } = first;
  const wrong = (...ports: number[]) => ({
    connection: { user, database, password: 'warm', hosts: hostsOf(...ports) },
    breaker: { threshold: 1 },
  });
  await expect(poolAt([], wrong(first.port, second.port)).query('SELECT 1')).rejects.toThrow(MisconfiguredError);
  await expect(poolAt([], wrong(first.port, 1)).query('SELECT 1')).rejects.toThrow(ServerUnavailableError);
});

test('a pool that wants a primary moves to the host that takes writes', async () => {
  const pool = poolAt([first.port, second.port], { target: 'primary' });
  expect(await portServing(pool)).toBe(first.port);
  await beside(first, 'CREATE TABLE IF NOT EXISTS moved (id INT)');
  await beside(first, 'SET GLOBAL read_only = 1');
  onTestFinished(async () => void (await beside(first, 'SET GLOBAL read_only = 0')));
  pool.recycle();
  expect(await portServing(pool)).toBe(second.port);
});

test('hosts that are none are refused by name, before anything is dialed', () => {
  const make = (connection: object) => () => createMysqlPool({ connection } as never);
  expect(make({ hosts: [] })).toThrow('connection.hosts is an array, expected at least one { host, port }');
  expect(make({ host: 'one', hosts: [{ host: 'two', port: 0 }, 'three'] })).toThrow(
    "connection.host is 'one', expected nothing beside connection.hosts; " +
      'connection.hosts.0.port is 0, expected an integer from 1 to 65535; ' +
      "connection.hosts.1 is 'three', expected an object",
  );
  expect(() => createMysqlPool({ connection: 'mysql://cryo@one,,two/stock' })).toThrow('connection (its host)');
});

test('several hosts are said in one place: what cannot be meant beside them is a fault, not a host of its own', () => {
  const make = (connection: unknown) => () => createMysqlPool({ connection } as never);
  expect(make('mysql://cryo@one/stock?hosts=[]')).toThrow('connection (its hosts)');
  expect(make('mysql://cryo@one,two/stock?socketPath=/run/sql')).toThrow('connection (its socketPath)');
  expect(make({ uri: 'mysql://cryo@one,two/stock', socketPath: '/run/sql' })).toThrow(
    "connection.socketPath is '/run/sql', expected nothing beside several hosts",
  );
  expect(make({ hosts: [{ host: '' }] })).toThrow("connection.hosts.0.host is '', expected a name or an address");
});

test('a host that is an IPv6 address stands in brackets wherever it is told', async () => {
  const connection = 'mysql://cryo@[::1]:1,[::1]:2/stock';
  const error = await poolOn(first, { connection, breaker: { threshold: 1 } })
    .query('SELECT 1')
    .catch((thrown) => thrown);
  expect(error.cause.message).toMatch(/\(\[::1]:1: .*; \[::1]:2: /);
});

test('a primary that takes no writes any more refuses one statement, and the next one goes to the host that does', async () => {
  for (const server of [first, second]) {
    await beside(server, 'CREATE TABLE IF NOT EXISTS written (id INT)');
    await beside(server, `GRANT SELECT, INSERT ON ${server.database}.* TO 'clerk'@'%' IDENTIFIED BY 'a,b@c:d/e'`);
  }
  const login = `clerk:${encodeURIComponent('a,b@c:d/e')}`;
  const connection = `mysql://${login}@127.0.0.1:${first.port},127.0.0.1:${second.port}/${first.database}`;
  const pool = poolOn(first, { connection, target: 'primary', size: { min: 2, max: 2 } });
  await pool.ready();
  const write = () => pool.query('INSERT INTO written VALUES (1)');
  await write();
  expect(await portServing(pool)).toBe(first.port);
  await beside(first, 'SET GLOBAL read_only = 1');
  onTestFinished(async () => void (await beside(first, 'SET GLOBAL read_only = 0')));
  await expect(write()).rejects.toMatchObject({ errno: 1290 });
  await write();
  expect(await portServing(pool)).toBe(second.port);
});

test('a host that died and came back serves again when the one that stood in for it dies', async () => {
  const pool = poolAt([first.port, second.port], { size: { min: 1, max: 2 } });
  expect(await portServing(pool)).toBe(first.port);
  await first.kill();
  await expect.poll(() => portServing(pool).catch(() => 0)).toBe(second.port);
  await first.start();
  expect(await portServing(pool)).toBe(second.port);
  await second.kill();
  await expect.poll(() => portServing(pool).catch(() => 0)).toBe(first.port);
  await second.start();
});
