import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { startProxy } from '@cryo/testkit/chaos';
import { startMariadb } from '@cryo/testkit/servers';
import { expect, it } from 'vitest';
import { createMysqlPool } from './mysql2-pool.ts';

it('a greeting that comes byte by byte is waited for, and not taken for another protocol', async () => {
  const server = await startMariadb();
  const proxy = await startProxy({ target: server });
  await proxy.apply({ kind: 'bandwidth', bytesPerSecond: 20 });
  const pool = createMysqlPool({ connection: server.url.replace(String(server.port), String(proxy.port)) });
  try {
    const ready = pool.ready();
    // Bytes are there by then, of which the first alone says nothing.
    await Promise.race([ready, new Promise((done) => setTimeout(done, 500))]);
    await proxy.heal();
    await ready;
    expect(pool.snapshot().live).toBeGreaterThan(0);
  } finally {
    await pool.close();
    await proxy.remove();
    await server.remove();
  }
});

it('a greeting that comes late in the time of the dial is waited for, though the server was asked what it is meanwhile', async () => {
  const server = await startMariadb();
  const sockets: Socket[] = [];
  // The first connection hears nothing until there is a second: the one that asks.
  const slow = createServer((socket) => {
    sockets.push(socket);
    const behind = connect(server.port, server.host);
    for (const end of [socket, behind]) end.on('error', () => {});
    socket.pipe(behind);
    socket.on('close', () => behind.destroy());
    if (sockets.length === 1) release = () => behind.pipe(socket);
    else release();
  });
  let release = () => {};
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const { port } = slow.address() as { readonly port: number };
  const pool = createMysqlPool({
    connection: server.url.replace(String(server.port), String(port)),
    size: { min: 1, max: 1 },
    connect: { timeoutMs: 1_000 },
  });
  let failures = 0;
  pool.on('dial-failed', () => failures++);
  try {
    await pool.ready();
    expect(sockets).toHaveLength(2);
    expect(failures).toBe(0);
  } finally {
    await pool.close();
    slow.close();
    await server.remove();
  }
});
