/**
 * Owns the case of failing calls on top of many others in the window.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import type { Breaker } from '../library.ts';

const [FEW, MANY] = [100, 10_000];
const WINDOW = { windowMs: 3_600_000, minimumCalls: 1_000_000, openForMs: 1_000 };
const SAMPLES = 21;
const WARM_UPS = 20;
const TOLERATED = 3;

export const failureCost = defectCase({
  name: 'failure-cost',
  promise: 'A failing call costs the same whether the window holds a hundred calls or ten thousand',
  time: 'real',
  needs: 'windowBreaker',
  async run(make) {
    await warmUp(make(WINDOW));
    const breaker = make(WINDOW);
    await succeed(breaker, FEW);
    const few = await failureMs(breaker);
    await succeed(breaker, MANY);
    const ratio = (await failureMs(breaker)) / few;
    expectThat(ratio <= TOLERATED, `a failing call cost ${Math.round(ratio)} times as much`);
  },
});

/** Until the engine has compiled what will be timed. */
async function warmUp(breaker: Breaker): Promise<void> {
  for (let turn = 0; turn < WARM_UPS; turn++) {
    await succeed(breaker, SAMPLES);
    await failureMs(breaker);
  }
}

async function succeed(breaker: Breaker, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) await breaker.call(async () => 1);
}

/** The quickest of many, so that a busy machine does not decide. */
async function failureMs(breaker: Breaker): Promise<number> {
  const costs: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const startedAt = performance.now();
    await breaker.call(() => Promise.reject(new Error('the server is down'))).catch(() => {});
    costs.push(performance.now() - startedAt);
  }
  return Math.min(...costs);
}
