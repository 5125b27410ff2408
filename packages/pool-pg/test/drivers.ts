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

/** Lets everybody in, and says more than it was asked: the end of a parsing after each answer. */
export async function confusedServer(): Promise<{ readonly port: number; close(): void }> {
  const message = (type: string, body: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(4 + Buffer.byteLength(body));
    return Buffer.concat([Buffer.from(type), length, Buffer.from(body)]);
  };
  const ready = message('Z', 'I');
  const answer = Buffer.concat([message('C', 'SELECT 0\0'), ready, message('1', '')]);
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', '\0\0\0\0'), ready]));
      socket.on('data', (chunk) => chunk[0] === 'Q'.charCodeAt(0) && socket.write(answer));
    });
  });
  return listening(server);
}

/** Hangs up on whoever speaks, as one does that wants TLS at once. */
export async function curtServer(): Promise<{ readonly port: number; close(): void }> {
  return listening(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end());
    }),
  );
}

/** Answers a line of text, as Redis does: in what a client of PostgreSQL says first there is none. */
export async function lineServer(answer: string): Promise<{ readonly port: number; close(): void }> {
  return listening(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => chunk[0] !== 0 && chunk.includes('\n') && socket.write(answer));
    }),
  );
}

/** Accepts connections and never says a word, or only this. */
export async function silentServer(greeting?: string): Promise<{ readonly port: number; close(): void }> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => greeting !== undefined && socket.write(greeting));
  });
  return listening(server);
}

async function listening(server: Server): Promise<{ readonly port: number; close(): void }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, close: () => void server.close() };
}
