/**
 * Owns what tests reach a server with: pools that end with their test, a connection beside the pool, servers of other kinds.
 * It must never know what is tested with them.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Driver } from '@cryo/pool-core';
import type { TestServer } from '@cryo/testkit/servers';
import type { RowDataPacket } from 'mysql2';
import { createConnection } from 'mysql2/promise';
import { onTestFinished } from 'vitest';
import type { MysqlPoolOptions } from '../src/mysql2-options.ts';
import { planMysqlPool } from '../src/mysql2-plan.ts';
import { createMysqlPool, type MysqlPool } from '../src/mysql2-pool.ts';
import type { MysqlConnection } from '../src/mysql2-types.ts';

/** A pool on the server, closed when the test that asked for it is over. */
export function poolOn(server: TestServer, options: Partial<MysqlPoolOptions> = {}): MysqlPool {
  const pool = createMysqlPool({ connection: server.url, size: { min: 0, max: 4 }, ...options });
  onTestFinished(() => void pool.close({ timeoutMs: 1 }));
  return pool;
}

/** Runs one statement beside the pool. */
export async function beside(server: TestServer, sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection(server.url);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}

/** How many connections the server has, but for the one that asks. */
export async function countConnections(server: TestServer): Promise<number> {
  const rows = await beside(
    server,
    "SELECT count(*) AS n FROM information_schema.processlist WHERE user = 'cryo' AND id <> connection_id()",
  );
  return Number(rows[0]?.n);
}

/** The driver that a pool with these options would have. */
export function driverFor(options: MysqlPoolOptions): Driver<MysqlConnection> {
  return planMysqlPool(options).driver;
}

/** Accepts connections and never says a word, or only this. */
export function strangeServer(greeting?: string | Uint8Array): Promise<StrangeServer> {
  return listening((socket) => {
    if (greeting !== undefined) socket.write(greeting);
  });
}

/** Says nothing until it is spoken to; then this, or it hangs up. */
export function politeServer(answer?: string): Promise<StrangeServer> {
  return listening(
    (socket) => void socket.once('data', () => (answer === undefined ? socket.end() : socket.write(answer))),
  );
}

export interface StrangeServer {
  readonly port: number;
  close(): void;
}

async function listening(accept: (socket: Socket) => void): Promise<StrangeServer> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, close: () => void server.close() };
}
