/**
 * Owns the case of a caller that aborts while a retry waits.
 * It must never know a library.
 */
import { Watched } from '../call.ts';
import { defectCase, expectThat } from '../defect-case.ts';

const WAIT_MS = 1_500;
const ABORT_AFTER_MS = 50;

export const retryAbort = defectCase({
  name: 'retry-abort',
  promise: 'An abort during the wait before a retry ends the call at once, and nothing is tried again',
  needs: 'retry',
  alsoNeeds: 'canAbort',
  async run(make, world) {
    const retry = make({ retries: 3, firstMs: WAIT_MS, mostMs: WAIT_MS, factor: 1, waits: 'exact' });
    const abort = new AbortController();
    let attempts = 0;
    const work = async (): Promise<never> => {
      attempts++;
      throw new Error('the server is down');
    };
    const watched = new Watched(retry.run(work, abort.signal));
    await world.advance(ABORT_AFTER_MS);
    abort.abort();
    await world.advance(1);
    const isSettled = watched.ending.kind !== 'pending';
    await world.advance(10 * WAIT_MS);
    const after = attempts === 1 ? '' : `, and then ran ${attempts - 1} more attempt`;
    expectThat(isSettled && attempts === 1, `it ${isSettled ? 'ended' : 'waited on'}${after}`);
  },
});
