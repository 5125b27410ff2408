import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { startProxy } from '@cryo/testkit/chaos';
import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import { afterAll, afterEach, expect, onTestFinished, test } from 'vitest';
import { driverFor, silentServer } from '../test/drivers.ts';
import { eventually } from '../test/eventually.ts';
import { changeSettings } from '../test/reload.ts';
import type { PgPoolOptions } from './pg-options.ts';
import { createPgPool, type PgPool } from './pg-pool.ts';

const [first, second] = await Promise.all([startPostgres(), startPostgres()]);
const silent = await silentServer();
afterAll(async () => {
  silent.close();
  await Promise.all([first.remove(), second.remove()]);
});

let pool: PgPool;
afterEach(() => pool.close({ timeoutMs: 100 }));

const hostsOf = (...ports: number[]) => ports.map((port) => ({ host: '127.0.0.1', port }));
const login = { user: first.user, password: first.password, database: first.database };

function poolOf(options: PgPoolOptions): PgPool {
  pool = createPgPool({ size: { min: 0, max: 2 }, connect: { timeoutMs: 2_000, initialDelayMs: 20 }, ...options });
  return pool;
}

const portServing = async (): Promise<number> =>
  (await pool.query('SHOW port')).rows.map(({ port }) => Number(port))[0] ?? 0;

async function asAdmin(port: number, statement: string): Promise<pg.QueryResult> {
  const admin = new pg.Client({ ...login, host: '127.0.0.1', port });
  await admin.connect();
  const answer = await admin.query(statement);
  await admin.end();
  return answer;
}

test('of several hosts in a connection string the first that answers serves', async () => {
  poolOf({ connection: `postgres://cryo:cold-as-ice@127.0.0.1:1,127.0.0.1:${second.port}/postgres` });
  expect(await portServing()).toBe(second.port);
  expect(await portServing()).toBe(second.port);
});

test('hosts may be parameters of a connection string, as libpq has them', async () => {
  poolOf({
    connection: `postgres://cryo:cold-as-ice@/postgres?host=127.0.0.1,127.0.0.1&port=1,${second.port}&sslmode=disable`,
  });
  expect(await portServing()).toBe(second.port);
  await pool.close();
  poolOf({ connection: `postgres:///postgres?user=cryo&password=cold-as-ice&host=127.0.0.1&port=${second.port}` });
  expect(await portServing()).toBe(second.port);
});

test('a host that says nothing has its share of the dial’s time and no more', async () => {
  poolOf({ connection: { ...login, hosts: hostsOf(silent.port, second.port) }, connect: { timeoutMs: 600 } });
  expect(await portServing()).toBe(second.port);
});

test('when no host gives a connection the error has what each of them said', async () => {
  poolOf({
    connection: { ...login, hosts: hostsOf(1, silent.port) },
    connect: { timeoutMs: 200 },
    breaker: { threshold: 1 },
  });
  const error = await pool.query('SELECT 1').catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ServerUnavailableError);
  expect(error.cause).toMatchObject({ code: 'ALL_HOSTS_FAILED' });
  expect(error.cause.message).toMatch(/127\.0\.0\.1:1: .*ECONNREFUSED.*said nothing for \d+ ms/s);
});

test('hosts that all refuse the password are a mistake, and one that is only away is not', async () => {
  const wrong = { ...login, password: 'warm' };
  poolOf({ connection: { ...wrong, hosts: hostsOf(first.port, second.port) } });
  await expect(pool.query('SELECT 1')).rejects.toThrow(MisconfiguredError);
  const driver = driverFor({ connection: { ...wrong, hosts: hostsOf(first.port, 1) } });
  const error = await driver
    .open({ signal: new AbortController().signal, deadline: Infinity } as never)
    .catch((thrown) => thrown);
  expect(driver.classify?.(error, 'open')).toBe('server-unavailable');
});

test('a pool that wants a primary finds the one that takes writes, and moves when it is demoted', async () => {
  onTestFinished(async () => {
    for (const server of [first, second]) await changeSettings(server, { default_transaction_read_only: undefined });
  });
  await changeSettings(first, { default_transaction_read_only: 'on' });
  poolOf({ connection: { ...login, hosts: hostsOf(first.port, second.port) }, target: 'primary' });
  expect(await portServing()).toBe(second.port);
  await changeSettings(first, { default_transaction_read_only: 'off' });
  await changeSettings(second, { default_transaction_read_only: 'on' });
  const written = pool.query('CREATE TABLE refused ()');
  await expect(written).rejects.toMatchObject({ code: '25006' });
  expect(await portServing()).toBe(first.port);
});

test('a pool that wants a standby takes no connection from a primary', async () => {
  const connection = `${first.url}?target_session_attrs=standby`;
  poolOf({ connection, breaker: { threshold: 2 } });
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ cause: { code: 'TARGET_MISMATCH', target: 'standby' } });
});

test('of a primary and a standby each pool finds its own, and a standby that is promoted is left', async () => {
  const { rows } = await asAdmin(first.port, 'SHOW data_directory');
  // The file makes a standby of the server at its next start.
  await asAdmin(first.port, `COPY (SELECT) TO PROGRAM 'cat > "${rows[0].data_directory}/standby.signal"'`);
  await first.stop();
  await first.start();
  const connection = { ...login, hosts: hostsOf(first.port, second.port) };
  poolOf({ connection, target: 'primary' });
  expect(await portServing()).toBe(second.port);
  await pool.close();
  poolOf({
    connection: { ...connection, hosts: hostsOf(second.port, first.port) },
    target: 'standby',
    validation: { bypassMs: 0 },
  });
  expect(await portServing()).toBe(first.port);
  await asAdmin(first.port, 'SELECT pg_promote(wait => false)');
  const isStandby = async () => (await asAdmin(first.port, 'SELECT pg_is_in_recovery() AS still')).rows[0].still;
  await eventually(isStandby).toBe(false);
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ cause: { code: 'ALL_HOSTS_FAILED' } });
});

test('a silent server holds an aborted statement no longer than it takes to give it up', async () => {
  await using proxy = await startProxy({ target: second });
  poolOf({ connection: { ...login, host: proxy.host, port: proxy.port } });
  await pool.query('SELECT 1');
  await proxy.apply({ kind: 'silence' });
  const aborted = pool.query('SELECT 1', [], { signal: AbortSignal.timeout(50) });
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
  await proxy.heal();
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('a host that is an IPv6 address stands in brackets wherever it is told', async () => {
  poolOf({ connection: 'postgres://cryo@[::1]:1,[::1]:2/stock', breaker: { threshold: 1 } });
  const error = await pool.query('SELECT 1').catch((thrown) => thrown);
  expect(error.cause.message).toMatch(/\(\[::1]:1: .*; \[::1]:2: /);
});
