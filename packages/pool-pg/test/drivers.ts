/**
 * Owns the drivers that tests hold in their own hands, and a server that says nothing.
 * It must never know what is tested with them.
 */
import { createServer, type Server } from 'node:net';
import type { Driver } from '@cryo/pool-core';
import type { PgPoolOptions } from '../src/pg-options.ts';
import { planPgPool } from '../src/pg-plan.ts';
import type { PgConnection } from '../src/pg-types.ts';

/** The driver that a pool with these options would have. */
export function driverFor(options: PgPoolOptions): Driver<PgConnection> {
  return planPgPool(options).driver;
}

/** Accepts connections and never says a word, or only this. */
export async function silentServer(greeting?: string): Promise<{ readonly port: number; close(): void }> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => greeting !== undefined && socket.write(greeting));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, close: () => void server.close() };
}
