/**
 * Owns the case of retries so many that a power of two overflows.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { waitsOf } from '../waits.ts';

const RETRIES = 1_100;
const LAST = 50;
const CAP_MS = 1_000;

export const backoffOverflow = defectCase({
  name: 'backoff-overflow',
  promise: 'After more than a thousand retries the waits are neither gone nor beyond the cap',
  needs: 'retry',
  async run(make, world) {
    const retry = make({ retries: RETRIES, firstMs: 100, mostMs: CAP_MS, factor: 2, waits: 'drawn' });
    const waits = await waitsOf(retry, world, 2 * RETRIES * CAP_MS);
    expectThat(waits.length === RETRIES, `it stopped after ${waits.length} retries of ${RETRIES}`);
    const last = waits.slice(-LAST);
    const meanMs = last.reduce((sum, wait) => sum + wait, 0) / LAST;
    expectThat(meanMs > CAP_MS / 10 && Math.max(...last) <= CAP_MS + 1, `the last waits are ${meanMs} ms on average`);
  },
});
