/**
 * Owns the cases of connections that are to be there before anybody asks.
 * It must never know a library.
 */
import { nextTick } from 'node:process';
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const MIN = 2;
const LONG_MS = 60_000;

export const keptFromTheStart = poolCase({
  name: 'kept-from-the-start',
  promise: 'The least number of connections is there before anybody asks for one',
  needs: ['keepsSome'],
  async run(stage) {
    stage.start({ max: 5, min: MIN });
    await stage.pass(LONG_MS);
    const { standing } = stage.server;
    expectThat(standing >= MIN, `a minute later there are ${standing} of ${MIN}`);
  },
});

export const keptAfterLoss = poolCase({
  name: 'kept-after-loss',
  promise: 'The least number of connections is there again after one of them broke while it lay idle',
  needs: ['keepsSome', 'hearsIdleErrors'],
  async run(stage) {
    // Asked for once: some pools open connections for callers alone.
    const pool = stage.start({ max: MIN, min: MIN });
    for (const holder of await stage.take(pool, MIN)) holder.release();
    await stage.pass(1_000);
    const [lost] = stage.server.opened;
    if (lost !== undefined) stage.server.closed.add(lost);
    nextTick(() => lost?.broken?.(new Error('read ECONNRESET')));
    await stage.pass(LONG_MS);
    const { standing } = stage.server;
    expectThat(standing >= MIN, `a minute later there are ${standing} of ${MIN}`);
  },
});
