/**
 * Owns the scenario of a permit of a breaker that has to read a clock.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const permitPairWindow: TimeScenario = {
  kind: 'time',
  name: 'permit-pair-window',
  title: 'permit with a window of 10 s taken and settled, without a promise',
  budget: 1,
  loop: 'synchronous',
  operation: (subject) => subject.windowPermitPair?.(),
};
