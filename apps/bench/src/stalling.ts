/**
 * Owns a server that answers whatever the main thread is doing, and the stall of the main thread itself.
 * It must never know whose answers are waited for.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

const SERVER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer((socket) => socket.on('data', (data) => setTimeout(() => socket.write(data), workerData)));
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** So many connections to a server in a thread of its own, which answers each question after so many ms. */
export async function connectToServer(connections: number, answerMs: number): Promise<readonly Socket[]> {
  const worker = new Worker(SERVER, { eval: true, workerData: answerMs });
  const [port]: number[] = await once(worker, 'message');
  const sockets = Array.from({ length: connections }, () => connect({ port: port as number, host: '127.0.0.1' }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

export async function ask(socket: Socket): Promise<unknown> {
  socket.write('?');
  return await once(socket, 'data');
}

/** Blocks the event loop, as a long computation does. */
export function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
