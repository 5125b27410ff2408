/**
 * Owns the case of a caller that never lets the event loop turn.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { FAILURES, failOnce } from '../steps.ts';

const OPEN_FOR_MS = 20;
const LOOP_MS = 400;

export const starvedProbe = defectCase({
  name: 'starved-probe',
  promise: 'Callers who retry without a pause do not keep the circuit from probing',
  time: 'real',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make({ failures: FAILURES, openForMs: OPEN_FOR_MS });
    for (let failure = 0; failure < FAILURES; failure++) await failOnce(breaker, world);
    let passed = 0;
    const work = async (): Promise<void> => {
      passed++;
    };
    const until = performance.now() + LOOP_MS;
    while (performance.now() < until) await breaker.call(work).catch(() => {});
    expectThat(passed > 0, `all calls of ${LOOP_MS} ms were refused by a circuit that opens for ${OPEN_FOR_MS} ms`);
  },
});
