import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import { afterAll, afterEach, expect, test } from 'vitest';
import { driverFor, silentServer } from '../test/drivers.ts';
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

async function asAdmin(port: number, ...statements: string[]): Promise<void> {
  const admin = new pg.Client({ ...login, host: '127.0.0.1', port });
  await admin.connect();
  for (const statement of statements) await admin.query(statement);
  await admin.end();
}

test('of several hosts in a connection string the first that answers serves', async () => {
  poolOf({ connection: `postgres://cryo:cold-as-ice@127.0.0.1:1,127.0.0.1:${second.port}/postgres` });
  expect(await portServing()).toBe(second.port);
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
  expect(error.cause.message).toMatch(/127\.0\.0\.1:1: .*ECONNREFUSED.*share of the dial's time/s);
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
  await asAdmin(first.port, 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()');
  poolOf({ connection: { ...login, hosts: hostsOf(first.port, second.port) }, target: 'primary' });
  expect(await portServing()).toBe(second.port);
  await asAdmin(
    first.port,
    'SET default_transaction_read_only = off',
    'ALTER SYSTEM RESET ALL',
    'SELECT pg_reload_conf()',
  );
  await asAdmin(second.port, 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()');
  const written = pool.query('CREATE TABLE refused ()');
  await expect(written).rejects.toMatchObject({ code: '25006' });
  expect(await portServing()).toBe(first.port);
  await asAdmin(
    second.port,
    'SET default_transaction_read_only = off',
    'ALTER SYSTEM RESET ALL',
    'SELECT pg_reload_conf()',
  );
});

test('a pool that wants a standby takes no connection from a primary', async () => {
  const connection = `${first.url}?target_session_attrs=standby`;
  poolOf({ connection, breaker: { threshold: 2 } });
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ cause: { code: 'TARGET_MISMATCH', target: 'standby' } });
});
