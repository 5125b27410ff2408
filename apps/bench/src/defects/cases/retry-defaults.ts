/**
 * Owns the case of a retry that was told nothing.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { waitsOf } from '../waits.ts';

const WATCHED_MS = 100;
const TOLERATED = 10;

export const retryDefaults = defectCase({
  name: 'retry-defaults',
  promise: 'With its defaults a retry does not hammer a server that is down',
  needs: 'defaultRetry',
  async run(make, world) {
    const waits = await waitsOf(make(), world, WATCHED_MS);
    expectThat(waits.length <= TOLERATED, `${waits.length} retries within ${WATCHED_MS} ms, and no end to them`);
  },
});
