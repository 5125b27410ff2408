import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beside, poolOn } from '../test/servers.ts';

const folder = mkdtempSync(join(tmpdir(), 'cryo-mysql2-'));
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
afterAll(() => rmSync(folder, { recursive: true }));

/** A certificate for localhost that only itself vouches for. */
const made = spawnSync(process.env.OPENSSL ?? 'openssl', [
  ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
  ...['-subj', '/CN=localhost', '-keyout', key, '-out', certificate],
]);

describe.skipIf(made.status !== 0)('where openssl can make a certificate', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startMariadb({ flags: [`--ssl-cert=${certificate}`, `--ssl-key=${key}`] });
    await beside(server, "CREATE USER locked@'%' IDENTIFIED BY 'x' REQUIRE SSL");
  });
  afterAll(() => server?.remove());

  const configOf = ({ host, port, user, password, database }: TestServer) => ({ host, port, user, password, database });

  test('a certificate that is vouched for is used', async () => {
    const ssl = { ca: readFileSync(certificate, 'utf8') };
    const pool = poolOn(server, { connection: { ...configOf(server), ssl } });
    const [[row]] = await pool.query("SHOW STATUS LIKE 'Ssl_version'");
    expect(row?.Value).toMatch(/^TLSv1/);
  });

  test('a connection over TLS ends, and is replaced, as any other', async () => {
    const ssl = { ca: readFileSync(certificate, 'utf8') };
    const pool = poolOn(server, { connection: { ...configOf(server), ssl } });
    const lease = await pool.acquire();
    const running = lease.connection.query('SELECT sleep(10)').catch((error: unknown) => error);
    await beside(server, `KILL ${lease.connection.threadId}`);
    const error = await running;
    expect(error).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    lease.release(error);
    await expect(pool.query('SELECT 1')).resolves.toBeDefined();
    expect(await pool.close()).toMatchObject({ drained: true });
  });

  test('a certificate that nobody vouches for is refused at once', async () => {
    const pool = poolOn(server, { connection: { ...configOf(server), ssl: {} } });
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({
      code: 'MISCONFIGURED',
      cause: { code: 'TLS_FAILED' },
    });
  });

  test('no TLS is refused at once where the account wants it', async () => {
    const pool = poolOn(server, { connection: { ...configOf(server), user: 'locked', password: 'x' } });
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({
      code: 'MISCONFIGURED',
      cause: { code: 'ER_ACCESS_DENIED_ERROR' },
    });
  });
});
