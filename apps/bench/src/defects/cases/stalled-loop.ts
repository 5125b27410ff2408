/**
 * Owns the case of answers that arrive while the event loop is blocked.
 * It must never know a library.
 */
import { ask, connectToServer, stall } from '../../stalling.ts';
import { Watched } from '../call.ts';
import { defectCase, expectThat } from '../defect-case.ts';

const CALLS = 20;
const TIMEOUT_MS = 100;
const STALL_MS = 400;
const ANSWER_MS = 5;

export const stalledLoop = defectCase({
  name: 'stalled-loop',
  promise: 'Answers that have arrived while the event loop was blocked are not turned into timeouts',
  time: 'real',
  needs: 'timeout',
  async run(make, world) {
    const sockets = await connectToServer(CALLS, ANSWER_MS);
    const timeout = make({ ms: TIMEOUT_MS });
    await Promise.all(sockets.map((socket) => timeout.run(() => ask(socket))));
    const calls = sockets.map((socket) => new Watched(timeout.run(() => ask(socket))));
    await world.settle();
    stall(STALL_MS);
    await world.advance(STALL_MS);
    const late = calls.filter(({ ending }) => ending.kind !== 'result').length;
    expectThat(late === 0, `${late} of ${CALLS} calls timed out, their answers in the socket`);
  },
});
