/**
 * Owns the case of many calls within one window of time.
 * It must never know a library.
 */
import { settledBytes } from '../../measure/bytes.ts';
import { quantile } from '../../measure/statistics.ts';
import { defectCase, expectThat } from '../defect-case.ts';
import type { Breaker } from '../library.ts';

const [FEW, MANY] = [2_000, 10_000];
const WINDOW = { windowMs: 3_600_000, minimumCalls: 1_000_000, openForMs: 1_000 };
const SAMPLES = 5;
const HALF = 0.5;
/** Half of what a number takes that is kept of each call. */
const TOLERATED_BYTES_PER_CALL = 4;

export const windowMemory = defectCase({
  name: 'window-memory',
  promise: 'A window that holds thousands of calls takes no more memory with each further one',
  time: 'real',
  needs: 'windowBreaker',
  async run(make) {
    const samples: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) samples.push(await keptBytes(make(WINDOW)));
    // The median, since what the engine compiles or drops meanwhile takes or frees memory too.
    const perCall = quantile(samples, HALF) / MANY;
    expectThat(perCall <= TOLERATED_BYTES_PER_CALL, `it kept ${Math.round(perCall)} bytes of each further call`);
  },
});

async function keptBytes(breaker: Breaker): Promise<number> {
  await succeed(breaker, FEW);
  const before = await settledBytes();
  await succeed(breaker, MANY);
  const after = await settledBytes();
  // In use until here, so that nothing of it has been collected.
  await succeed(breaker, 1);
  return after - before;
}

async function succeed(breaker: Breaker, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) await breaker.call(async () => 1);
}
