/**
 * Owns the case of a wait longer than a timer of the platform can hold.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { waitsOf } from '../waits.ts';

const DAY_MS = 86_400_000;
const WAIT_MS = 30 * DAY_MS;

export const longWait = defectCase({
  name: 'long-wait',
  promise: 'A wait of thirty days, longer than a timer can hold, does not end at once',
  needs: 'retry',
  async run(make, world) {
    const retry = make({ retries: 5, firstMs: WAIT_MS, mostMs: WAIT_MS, factor: 1, waits: 'exact' });
    const waits = await waitsOf(retry, world, DAY_MS);
    expectThat(waits.length === 0, `${waits.length} retries within the first day, the first after ${waits[0]} ms`);
  },
});
