/**
 * Owns the case of connections that come free while the event loop is blocked.
 * It must never know a library.
 */
import { falseTimeouts } from '../../../pool/scenarios/stall.ts';
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

export const stalledLoop = poolCase({
  name: 'stalled-loop',
  promise:
    'Requests do not time out because the event loop was blocked, the answers that free connections in the socket',
  time: 'real',
  needs: ['hasAcquireTimeout'],
  async run(_stage, subject) {
    const timedOut = await falseTimeouts(subject);
    expectThat(timedOut === 0, `${timedOut} of 10 requests timed out`);
  },
});
