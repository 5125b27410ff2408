/**
 * Owns the case of answers that arrive while the event loop is blocked.
 * It must never know a library.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Watched } from '../call.ts';
import { defectCase, expectThat } from '../defect-case.ts';

const CALLS = 20;
const TIMEOUT_MS = 100;
const STALL_MS = 400;

export const stalledLoop = defectCase({
  name: 'stalled-loop',
  promise: 'Answers that have arrived while the event loop was blocked are not turned into timeouts',
  time: 'real',
  needs: 'timeout',
  async run(make, world) {
    const server = await startServer();
    const timeout = make({ ms: TIMEOUT_MS });
    await Promise.all(server.connections.map((connection) => timeout.run(() => ask(connection))));
    const calls = server.connections.map((connection) => new Watched(timeout.run(() => ask(connection))));
    await world.settle();
    const until = performance.now() + STALL_MS;
    while (performance.now() < until);
    await world.advance(STALL_MS);
    const late = calls.filter(({ ending }) => ending.kind !== 'result').length;
    expectThat(late === 0, `${late} of ${CALLS} calls timed out, their answers in the socket`);
  },
});

/** A server in a thread of its own, which answers whatever the main thread is doing. */
const SERVER = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer((socket) => socket.on('data', (data) => setTimeout(() => socket.write(data), 5)));
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

async function startServer(): Promise<{ readonly connections: readonly Socket[] }> {
  const worker = new Worker(SERVER, { eval: true });
  const [port]: number[] = await once(worker, 'message');
  const connections = Array.from({ length: CALLS }, () => connect({ port: port as number, host: '127.0.0.1' }));
  await Promise.all(connections.map((connection) => once(connection, 'connect')));
  return { connections };
}

async function ask(connection: Socket): Promise<unknown> {
  connection.write('?');
  return await once(connection, 'data');
}
