import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createUnsealer, newSealingKey, seal } from '@cryo/pool-core';
import { startProxy } from '@cryo/testkit/chaos';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { countConnections, poolOn } from '../test/servers.ts';
import type { MysqlPool } from './mysql2-pool.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.remove());

const FAST = {
  connect: { timeoutMs: 1_000, initialDelayMs: 20 },
  breaker: { threshold: 2, probeIntervalMs: 100 },
  validation: { bypassMs: 0, timeoutMs: 300 },
};

const served = (pool: MysqlPool) =>
  pool.query('SELECT 1', undefined, { timeoutMs: 1_000 }).then(
    () => true,
    () => false,
  );

test('a server that is killed and started again is served from again, and holds as many connections as the pool has', async () => {
  const pool = poolOn(server, FAST);
  const held = await Promise.all([pool.acquire(), pool.acquire()]);
  for (const lease of held) lease.release();
  await server.kill();
  await expect(pool.query('SELECT 1', undefined, { timeoutMs: 5_000 })).rejects.toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    cause: { code: 'ECONNREFUSED' },
  });
  await server.start();
  await expect.poll(() => served(pool), { timeout: 10_000 }).toBe(true);
  await expect.poll(() => countConnections(server)).toBe(pool.snapshot().live);
});

test('a server that says nothing is found out by the check, and a statement that hangs by its caller’s signal', async () => {
  const proxy = await startProxy({ target: server });
  try {
    const pool = poolOn(server, { ...FAST, connection: server.url.replace(String(server.port), String(proxy.port)) });
    await pool.query('SELECT 1');
    const lease = await pool.acquire();
    await proxy.apply({ kind: 'silence' });
    const hung = pool.use((connection) => connection.query('SELECT 1'), { timeoutMs: 1_000 });
    await expect(hung).rejects.toMatchObject({ code: expect.stringMatching(/ACQUIRE_TIMEOUT|SERVER_UNAVAILABLE/) });
    const asked = lease.connection.query('SELECT 1').catch((error: unknown) => error);
    lease.release();
    expect(await asked).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    await proxy.heal({ links: 'dead' });
    await expect.poll(() => served(pool), { timeout: 10_000 }).toBe(true);
  } finally {
    await proxy.remove();
  }
}, 30_000);

test('an address may be sealed, as a whole or in parts, and what is opened is never shown', async () => {
  const key = newSealingKey();
  const unsealer = createUnsealer({ keys: key });
  const whole = poolOn(server, { connection: await seal(server.url, key), unsealer });
  await expect(whole.query('SELECT 1 AS one')).resolves.toMatchObject([[{ one: 1 }], expect.anything()]);
  const { host, port, user, database, password } = server;
  const part = { host, port, user, database, password: await seal(password, key) };
  await expect(poolOn(server, { connection: part, unsealer }).query('SELECT 1')).resolves.toBeDefined();
  expect(unsealer.secrets()).toContain(password);
  const closed = poolOn(server, { connection: part, unsealer: createUnsealer({ keys: newSealingKey() }) });
  await expect(closed.query('SELECT 1')).rejects.toMatchObject({ code: 'MISCONFIGURED', cause: { code: 'SEAL' } });
});

test('a pool that is only idle lets the process end, and the drop-in holds it as mysql2 does', async () => {
  const run = (kind: string) => {
    const program = fileURLToPath(new URL('../test/idle-process.ts', import.meta.url));
    const child = spawn(process.execPath, [program, kind, server.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const [ours, dropIn] = [run('pool'), run('compatible')];
  const [[code]] = await Promise.all([once(ours, 'exit'), once(dropIn.stdout, 'data')]);
  expect(code).toBe(0);
  expect(dropIn.exitCode).toBeNull();
});
