/**
 * Owns the case of failures that are each alone in the window.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { failOnce } from '../steps.ts';

const MINUTE_MS = 60_000;
const CALLS = 60;
const WINDOW = { windowMs: 10_000, minimumCalls: 10, openForMs: 86_400_000 };

export const slowDrip = defectCase({
  name: 'slow-drip',
  promise: 'One failing call a minute never opens a circuit that wants ten calls within ten seconds',
  needs: 'windowBreaker',
  async run(make, world) {
    const breaker = make(WINDOW);
    for (let call = 1; call <= CALLS; call++) {
      const { started } = await failOnce(breaker, world);
      expectThat(started, `it was open at call ${call}`);
      await world.advance(MINUTE_MS);
    }
  },
});
