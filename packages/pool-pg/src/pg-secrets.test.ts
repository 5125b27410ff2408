import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createUnsealer, MisconfiguredError, newSealingKey, seal } from '@cryo/pool-core';
import { startPostgres } from '@cryo/testkit/servers';
import { afterAll, afterEach, expect, onTestFinished, test } from 'vitest';
import { driverFor } from '../test/drivers.ts';
import { changeSettings } from '../test/reload.ts';
import type { PgPoolOptions } from './pg-options.ts';
import { createPgPool, type PgPool } from './pg-pool.ts';

/** A certificate for 127.0.0.1 that only itself vouches for; `undefined` where the program that makes it is missing. */
function selfSigned(folder: string): { readonly key: string; readonly certificate: string } | undefined {
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')];
  const made = spawnSync(process.env.OPENSSL ?? 'openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
  ]);
  return made.status === 0 ? { key, certificate } : undefined;
}

const server = await startPostgres();
afterAll(() => server.remove());

let pool: PgPool | undefined;
const poolOf = (options: PgPoolOptions): PgPool => {
  pool = createPgPool({ size: { min: 0, max: 1 }, ...options });
  return pool;
};
afterEach(() => pool?.close({ timeoutMs: 100 }));

test('a sealed password, and a connection string sealed as a whole, are opened when dialing and never shown', async () => {
  const key = newSealingKey();
  const unsealer = createUnsealer({ keys: key });
  const { host, port, user, database } = server;
  const password = await seal(server.password, key);
  const sealedPart = { connection: { host, port, user, database, password }, unsealer };
  const sealedWhole = { connection: await seal(server.url, key), unsealer };
  for (const options of [sealedPart, sealedWhole]) {
    const one = poolOf(options);
    expect((await one.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(inspect([one, options, one.snapshot()], { depth: 9 })).not.toContain(server.password);
    await one.close();
  }
  const driver = driverFor(sealedPart);
  await driver.open({ signal: new AbortController().signal, deadline: Infinity } as never).then(driver.destroy);
  expect(driver.secrets?.()).toContain(server.password);
});

test('a password that a function answered is masked wherever an error would show it', async () => {
  const { host, port, user, database } = server;
  const password = async () => 'pass-of-the-hour';
  const onConnect = () => Promise.reject(new Error('the proxy refused pass-of-the-hour'));
  const one = poolOf({ connection: { host, port, user, database, password }, onConnect });
  const error = await one.query('SELECT 1').catch((thrown) => thrown);
  expect(error).toBeInstanceOf(MisconfiguredError);
  expect(inspect(error, { depth: 9 })).not.toContain('pass-of-the-hour');
});

test('over TLS a server is believed when the given CA vouches for it, and not otherwise', async ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), 'cryo-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = selfSigned(folder);
  if (files === undefined) return skip('there is no openssl to make a certificate with');
  const admin = poolOf({ connection: server.url });
  // The server reads both files from its own folder, where it may be another user's.
  const { rows } = await admin.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
  for (const [name, file] of [
    ['server.key', files.key],
    ['server.crt', files.certificate],
  ] as const) {
    const text = readFileSync(file, 'utf8').trim().split('\n');
    const lines = text.map((line) => `('${line}')`).join(', ');
    await admin.query(
      `COPY (SELECT * FROM (VALUES ${lines}) AS pem) TO PROGRAM 'umask 077; cat > "${rows[0]?.folder}/${name}"'`,
    );
  }
  await admin.close();
  await changeSettings(server, { ssl: 'on' });

  const ca = readFileSync(files.certificate, 'utf8');
  const trusting = poolOf({ connection: { connectionString: server.url, ssl: { ca } } });
  const encrypted = await trusting.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
  expect(encrypted.rows).toEqual([{ ssl: true }]);
  const signal = AbortSignal.timeout(200);
  await expect(trusting.query('SELECT pg_sleep(30)', [], { signal })).rejects.toMatchObject({ code: 'ABORTED' });
  await trusting.close();

  const doubting = poolOf({ connection: { connectionString: server.url, ssl: true } });
  const error = await doubting.query('SELECT 1').catch((thrown) => thrown);
  expect(error).toBeInstanceOf(MisconfiguredError);
  expect(error.cause).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('where the address or the port is sealed, none is told in its place, and the connection stands all the same', async () => {
  const key = newSealingKey();
  const unsealer = createUnsealer({ keys: key });
  const { host, user, password, database } = server;
  const port = (await seal(String(server.port), key)) as never;
  const sealedPort = { connection: { host, port, user, password, database }, unsealer };
  expect(driverFor({ connection: await seal(server.url, key), unsealer }).server).toBeUndefined();
  expect(driverFor(sealedPort).server).toEqual({ address: host, namespace: database });
  expect((await poolOf(sealedPort).query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('a sealed connection string asks for its kind of server, as an open one does', async () => {
  const key = newSealingKey();
  const connection = await seal(`${server.url}?target_session_attrs=standby`, key);
  const one = poolOf({ connection, unsealer: createUnsealer({ keys: key }), breaker: { threshold: 1 } });
  const error = await one.query('SELECT 1').catch((thrown) => thrown);
  expect(error.cause).toMatchObject({ code: 'TARGET_MISMATCH', target: 'standby' });
});
