/**
 * Owns the case of many clients whose waits have grown to the cap.
 * It must never know a library.
 */
import { defectCase, expectThat, presume } from '../defect-case.ts';
import { waitsOf } from '../waits.ts';

const CLIENTS = 60;
const RETRIES = 14;
const OPTIONS = { retries: RETRIES, firstMs: 128, mostMs: 30_000, factor: 2, waits: 'drawn' } as const;

export const jitterAtCap = defectCase({
  name: 'jitter-at-cap',
  promise: 'Waits that have grown to the cap still differ from client to client',
  needs: 'retry',
  async run(make, world) {
    const counts = new Map<number, number>();
    for (let client = 0; client < CLIENTS; client++) {
      const waits = await waitsOf(make(OPTIONS), world, 2 * RETRIES * OPTIONS.mostMs);
      presume(waits.length === RETRIES, `it made ${waits.length} retries of ${RETRIES}`);
      const last = Math.round(waits.at(-1) as number);
      counts.set(last, (counts.get(last) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    expectThat(most <= CLIENTS / 2, `${most} of ${CLIENTS} clients waited exactly as long before retry ${RETRIES}`);
  },
});
