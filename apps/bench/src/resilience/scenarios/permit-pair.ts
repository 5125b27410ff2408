/**
 * Owns the scenario of a permit taken and settled.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const permitPair: TimeScenario = {
  kind: 'time',
  name: 'permit-pair',
  title: 'permit taken and settled, without a promise',
  budget: 0.1,
  loop: 'synchronous',
  operation: (subject) => subject.permitPair?.(),
};
