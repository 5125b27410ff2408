import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { startProxy } from '@cryo/testkit/chaos';
import { startPostgres, type TestServer } from '@cryo/testkit/servers';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../test/eventually.ts';
import { Pool } from './pg-compatible.ts';
import { createPgPool, type PgPool } from './pg-pool.ts';
import { makeSocket } from './pg-socket.ts';
import type { PgConnection, PgConnectionConfig } from './pg-types.ts';

const server = await startPostgres();
afterAll(() => server.remove());

const configOf = ({ host, port, user, password, database }: TestServer) => ({ host, port, user, password, database });

function poolOn(connection: PgConnectionConfig): PgPool {
  const pool = createPgPool({ connection, size: { min: 0, max: 8 } });
  onTestFinished(async () => void (await pool.close()));
  return pool;
}

const streamOf = (connection: PgConnection) =>
  (connection as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;

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

test('a socket that is paused answers nothing, and nothing is lost of it', async () => {
  const pool = poolOn(configOf(server));
  await pool.use(async (connection) => {
    const stream = streamOf(connection);
    const { rows } = await connection.query('SELECT pg_backend_pid() AS id');
    const hasAnswered = async () => {
      const text = `SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND (state = 'idle' OR wait_event = 'ClientWrite')`;
      return (await pool.query(text, [rows[0]?.id])).rows.length > 0;
    };
    expect(await hasAnswered()).toBe(true);
    stream.pause();
    let isAnswered = false;
    const answer = connection.query("SELECT repeat('x', 500000) AS text").finally(() => (isAnswered = true));
    await eventually(hasAnswered).toBe(true);
    expect(isAnswered).toBe(false);
    stream.resume();
    expect((await answer).rows[0]?.text).toBe('x'.repeat(500_000));
  });
});

test('a short answer takes no memory of its own', async () => {
  const pool = poolOn(configOf(server));
  await pool.use(async (connection) => {
    const heard = once(streamOf(connection), 'data');
    await connection.query('SELECT 1');
    const [answer] = await heard;
    // What Node gives short buffers a part of.
    expect(answer.buffer.byteLength).toBe(Buffer.poolSize);
  });
});

test('a connection that is lost before anybody reads its copy is told of at once', async () => {
  const proxy = await startProxy({ target: server });
  onTestFinished(() => proxy.remove());
  const pool = poolOn({ ...configOf(server), port: proxy.port });
  let told: unknown;
  await pool.use(async (connection) => {
    const copy = connection.query(copyTo('COPY (SELECT pg_sleep(60)) TO STDOUT'));
    copy.on('error', (error) => (told = error));
    proxy.resetLinks();
    await eventually(() => told).toMatchObject({ code: 'ECONNRESET' });
  });
});

/** A socket that leads to a server which sends as much as is taken off it. */
async function flooded(): Promise<Socket> {
  const flood = createServer((socket) => {
    socket.on('error', () => {});
    Readable.from(Array.from({ length: 320 }, () => Buffer.alloc(65_536))).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(flood, 'listening');
  onTestFinished(() => void flood.close());
  const socket = makeSocket().connect((flood.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('what is read a few bytes at a time is not heaped up', async () => {
  const socket = await flooded();
  await once(socket, 'readable');
  for (let turn = 0; turn < 100; turn++) {
    socket.read(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(socket.readableLength).toBeLessThanOrEqual(3 * 65_536);
});

test('what is written away by nobody is not read on', async () => {
  const socket = await flooded();
  const stuck = new Writable({ highWaterMark: 1, write() {} });
  socket.pipe(stuck);
  await once(socket, 'pause');
  const turns = Array.from({ length: 100 });
  for (const _ of turns) await new Promise((resolve) => setImmediate(resolve));
  expect(socket.bytesRead).toBeLessThanOrEqual(3 * 65_536);
});

test('a client class of the caller’s own that makes its stream keeps it', async () => {
  let made = 0;
  class Tunnelled extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, stream: config?.stream ?? tunnel });
    }
  }
  const tunnel = () => {
    made++;
    return new Socket();
  };
  const pool = new Pool({ ...configOf(server), Client: Tunnelled });
  onTestFinished(() => pool.end());
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  expect(made).toBe(1);
});

test.each(['Deno/2.9.6', 'Bun/1.4.5', 'Cloudflare-Workers'])('on %s, pg’s own sockets are used', async (userAgent) => {
  vi.stubGlobal('navigator', { userAgent });
  onTestFinished(() => void vi.unstubAllGlobals());
  const pool = poolOn(configOf(server));
  await pool.use(async (connection) => {
    const heard = once(streamOf(connection), 'data');
    await connection.query('SELECT 1');
    const [answer] = await heard;
    expect(answer.buffer.byteLength).toBe(answer.length);
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

  test.each(['postgres', 'direct'] as const)(
    'over TLS, begun the way %s, answers long and short are whole',
    async (way) => {
      const ssl = { ca: readFileSync(certificate, 'utf8') };
      const pool = poolOn({ ...configOf(secure), host: 'localhost', ssl, sslnegotiation: way });
      const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      expect(rows).toEqual([{ ssl: true }]);
      // pg names the protocol where TLS comes first, and only there.
      const named = await pool.use(async (connection) => (streamOf(connection) as TLSSocket).alpnProtocol);
      expect(named).toBe(way === 'direct' ? 'postgresql' : false);
      const lengths = Array.from({ length: 40 }, (_, turn) => (turn % 4 === 0 ? 200_000 : turn * 11));
      const texts = lengths.map((length) => pool.query("SELECT repeat('x', $1) AS text", [length]));
      for (const [turn, answer] of (await Promise.all(texts)).entries())
        expect(answer.rows[0]?.text).toBe('x'.repeat(lengths[turn] ?? 0));
    },
  );

  test('over TLS, a certificate that nobody vouches for is refused at once', async () => {
    const pool = poolOn({ ...configOf(secure), host: 'localhost', ssl: {} });
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'MISCONFIGURED' });
  });
});
