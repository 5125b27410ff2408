import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres, type TestServer } from '@cryo/testkit/servers';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createPgPool, type PgPool } from './pg-pool.ts';
import { makeSocket } from './pg-socket.ts';
import type { PgConnectionConfig } from './pg-types.ts';

const server = await startPostgres();
afterAll(() => server.remove());

const configOf = ({ host, port, user, password, database }: TestServer) => ({ host, port, user, password, database });

function poolOn(connection: PgConnectionConfig): PgPool {
  const pool = createPgPool({ connection, size: { min: 0, max: 8 } });
  onTestFinished(async () => void (await pool.close()));
  return pool;
}

test('an answer that comes in many parts is whole, however many others are read meanwhile', async () => {
  const pool = poolOn(configOf(server));
  const turns = Array.from({ length: 200 }, (_, turn) => turn);
  const expected = (turn: number) =>
    String.fromCharCode(97 + (turn % 26)).repeat(turn % 5 === 0 ? 300_000 : 1 + turn * 7);
  const read = async (turn: number) => {
    const { rows } = await pool.query('SELECT $1 AS text', [expected(turn)]);
    return rows[0]?.text === expected(turn);
  };
  const answers = await Promise.all(turns.map(read));
  expect(turns.filter((turn) => !answers[turn])).toEqual([]);
});

test('a copy out of the server that is written away slowly is whole, and a copy into it too', async () => {
  const pool = poolOn(configOf(server));
  await pool.use(async (connection) => {
    await connection.query('CREATE TEMP TABLE line (number integer, text text)');
    const lines = Array.from({ length: 20_000 }, (_, number) => `${number}\t${'x'.repeat(number % 200)}\n`);
    await pipeline(Readable.from(lines), connection.query(copyFrom('COPY line FROM STDIN')));
    const written: Buffer[] = [];
    const slow = new Writable({
      highWaterMark: 1_024,
      write(chunk, _encoding, done) {
        written.push(chunk);
        if (written.length % 10 === 0) setImmediate(done);
        else done();
      },
    });
    await pipeline(connection.query(copyTo('COPY (SELECT * FROM line ORDER BY number) TO STDOUT')), slow);
    expect(Buffer.concat(written).toString()).toBe(lines.join(''));
  });
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('nothing is read of a socket that is paused, and nothing is lost of it', async () => {
  const pool = poolOn(configOf(server));
  await pool.use(async (connection) => {
    const { stream } = (connection as unknown as { connection: { stream: Readable } }).connection;
    stream.pause();
    let isAnswered = false;
    const answer = connection.query("SELECT repeat('x', 500000) AS text").finally(() => (isAnswered = true));
    await delay(100);
    expect(isAnswered).toBe(false);
    stream.resume();
    expect((await answer).rows[0]?.text).toBe('x'.repeat(500_000));
  });
});

test('a name of several addresses, of which the first refuses, leads to the one that answers', async () => {
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  onTestFinished(() => void echo.close());
  const addresses = [
    { address: '127.0.0.2', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];
  const { port } = echo.address() as AddressInfo;
  const socket = makeSocket().connect({
    ...{ host: 'several.invalid', port, autoSelectFamily: true },
    lookup: (_name, _options, told) => told(null, addresses),
  });
  onTestFinished(() => void socket.destroy());
  socket.write('a message');
  const [heard] = await once(socket, 'data');
  expect(String(heard)).toBe('a message');
});

const folder = mkdtempSync(join(tmpdir(), 'cryo-pg-'));
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
afterAll(() => rmSync(folder, { recursive: true }));

/** A certificate for localhost that only itself vouches for. */
const made = spawnSync(process.env.OPENSSL ?? 'openssl', [
  ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
  ...['-subj', '/CN=localhost', '-keyout', key, '-out', certificate],
]);

describe.skipIf(made.status !== 0)('where openssl can make a certificate', () => {
  let secure: TestServer;
  beforeAll(async () => {
    // The server reads its key only if it is its user's own.
    if (process.getuid?.() === 0) chownSync(key, Number(spawnSync('id', ['-u', 'postgres']).stdout), 0);
    chmodSync(folder, 0o755);
    secure = await startPostgres({
      flags: ['-c', 'ssl=on', '-c', `ssl_cert_file=${certificate}`, '-c', `ssl_key_file=${key}`],
    });
  });
  afterAll(() => secure?.remove());

  test.each(['postgres', 'direct'])('over TLS, begun the way %s, answers long and short are whole', async (way) => {
    const ssl = { ca: readFileSync(certificate, 'utf8') };
    const config = { ...configOf(secure), host: 'localhost', ssl, sslNegotiation: way };
    const pool = poolOn(config as PgConnectionConfig);
    const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true }]);
    const lengths = Array.from({ length: 40 }, (_, turn) => (turn % 4 === 0 ? 200_000 : turn * 11));
    const texts = lengths.map((length) => pool.query("SELECT repeat('x', $1) AS text", [length]));
    for (const [turn, answer] of (await Promise.all(texts)).entries())
      expect(answer.rows[0]?.text).toBe('x'.repeat(lengths[turn] ?? 0));
  });

  test('over TLS, a certificate that nobody vouches for is refused at once', async () => {
    const pool = poolOn({ ...configOf(secure), host: 'localhost', ssl: {} });
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'MISCONFIGURED' });
  });
});
