import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { AbortedError } from '@cryo/resilience';
import { startPostgres } from '@cryo/testkit/servers';
import type pg from 'pg';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { lineServer } from '../test/drivers.ts';
import { eventually } from '../test/eventually.ts';
import { createPgPool } from './pg-pool.ts';

const server = await startPostgres();
afterAll(() => server.remove());
const { user, password, database } = server;

/** A socket that leads there, wherever it is told to go. */
function tunnelTo(port: number): NonNullable<pg.ClientConfig['stream']> {
  return () => {
    const socket = new Socket();
    const there: Socket['connect'] = socket.connect;
    socket.connect = () => Reflect.apply(there, socket, [port, '127.0.0.1']);
    return socket;
  };
}

test('where the caller makes the stream nobody else is asked: what stands at the address is not where it leads', async () => {
  const stranger = await lineServer('-ERR wrong number of arguments');
  onTestFinished(() => stranger.close());
  // Passes on what the server says once the time for a question is over.
  const slow = createServer((socket) => {
    const behind = connect(server.port, '127.0.0.1');
    for (const end of [socket, behind]) end.on('error', () => {});
    socket.pipe(behind);
    socket.on('close', () => behind.destroy());
    setTimeout(() => behind.pipe(socket), 800);
  }).listen(0, '127.0.0.1');
  await once(slow, 'listening');
  onTestFinished(() => void slow.close());
  const pool = createPgPool({
    connection: {
      ...{ user, password, database, host: '127.0.0.1', port: stranger.port },
      stream: tunnelTo((slow.address() as AddressInfo).port),
    },
    size: { min: 0, max: 1 },
    connect: { timeoutMs: 1_200 },
  });
  onTestFinished(async () => void (await pool.close()));
  let failures = 0;
  pool.on('dial-failed', () => failures++);
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  expect(failures).toBe(0);
});

test('an aborted statement is cancelled through the caller’s own stream too, and its connection stays', async () => {
  const pool = createPgPool({
    connection: { user, password, database, host: 'nowhere.invalid', stream: tunnelTo(server.port) },
    size: { min: 0, max: 1 },
  });
  onTestFinished(async () => void (await pool.close()));
  const backend = async () => (await pool.query('SELECT pg_backend_pid() AS id')).rows[0]?.id;
  const before = await backend();
  const abort = new AbortController();
  const sleeping = pool.query('SELECT pg_sleep(30)', [], { signal: abort.signal });
  await eventually(() => pool.snapshot().connections.leased).toBe(1);
  abort.abort(new Error('the caller left'));
  await expect(sleeping).rejects.toThrow(AbortedError);
  expect(await backend()).toBe(before);
});
