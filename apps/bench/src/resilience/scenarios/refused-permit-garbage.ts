/**
 * Owns the scenario of what a refused permit leaves to the collector.
 * It must never know a library.
 */
import type { GarbageScenario } from '../scenario.ts';

export const refusedPermitGarbage: GarbageScenario = {
  kind: 'garbage',
  name: 'refused-permit-garbage',
  title: 'garbage of a permit refused by an open breaker',
  budget: 0,
  loop: 'synchronous',
  operation: (subject) => subject.refusedPermit?.(),
};
