/**
 * Owns the scenario of what a permit taken and settled leaves to the collector.
 * It must never know a library.
 */
import type { GarbageScenario } from '../scenario.ts';

export const permitPairGarbage: GarbageScenario = {
  kind: 'garbage',
  name: 'permit-pair-garbage',
  title: 'garbage of a permit taken and settled',
  budget: 0,
  loop: 'synchronous',
  operation: (subject) => subject.permitPair?.(),
};
