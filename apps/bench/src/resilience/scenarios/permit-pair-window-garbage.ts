/**
 * Owns the scenario of what a permit of a breaker with a window, taken and settled, leaves to the collector.
 * It must never know a library.
 */
import type { GarbageScenario } from '../scenario.ts';

export const permitPairWindowGarbage: GarbageScenario = {
  kind: 'garbage',
  name: 'permit-pair-window-garbage',
  title: 'garbage of a permit with a window of 10 s taken and settled',
  budget: 0,
  loop: 'synchronous',
  operation: (subject) => subject.windowPermitPair?.(),
};
