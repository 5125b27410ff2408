/**
 * Owns the scenario of a permit that an open breaker refuses.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const refusedPermit: TimeScenario = {
  kind: 'time',
  name: 'refused-permit',
  title: 'permit refused by an open breaker',
  budget: 0.12,
  loop: 'synchronous',
  operation: (subject) => subject.refusedPermit?.(),
};
