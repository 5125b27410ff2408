/**
 * Owns the scenario of a stalled event loop: the answers that free the connections arrive in time, and nobody can look.
 * It must never know a library.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { ask, connectToServer, stall as stallLoop } from '../../stalling.ts';
import { EACH_ALONE, type PoolScenario } from '../scenario.ts';
import { READY_SERVER } from '../server.ts';
import type { Subject } from '../subject.ts';

const CONNECTIONS = 10;
const ANSWER_MS = 50;
const TIMEOUT_MS = 300;
const STALL_MS = 600;

export const stall: PoolScenario = {
  name: 'stall',
  rows: [
    {
      title: `${CONNECTIONS} requests with ${TIMEOUT_MS} ms behind queries of ${ANSWER_MS} ms, the event loop blocked for ${STALL_MS} ms`,
      unit: 'false timeouts',
      budget: 0,
    },
  ],
  groups: EACH_ALONE.filter(([name]) => name !== 'bare' && name !== 'mysql2'),
  async measure([subject]) {
    return subject === undefined ? [] : [{ [subject.name]: [await falseTimeouts(subject)] }];
  },
};

export async function falseTimeouts(subject: Subject): Promise<number> {
  const sockets = await connectToServer(CONNECTIONS, ANSWER_MS);
  await Promise.all(sockets.map(ask));
  const pool = subject.start({
    server: READY_SERVER,
    max: CONNECTIONS,
    min: CONNECTIONS,
    acquireTimeoutMs: TIMEOUT_MS,
  });
  const held = await Promise.all(sockets.map(() => pool.acquire()));
  let timedOut = 0;
  const queries = sockets.map((socket, index) => ask(socket).then(() => pool.release(held[index] as object)));
  const requests = sockets.map(() => pool.acquire().catch(() => timedOut++));
  // From here the loop goes to its timers before it looks at its sockets, as it does after an answer was handled.
  await turn();
  stallLoop(STALL_MS);
  await Promise.all([...queries, ...requests]);
  return timedOut;
}
