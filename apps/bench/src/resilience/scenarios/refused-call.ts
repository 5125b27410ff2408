/**
 * Owns the scenario of a call that an open breaker refuses.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const refusedCall: TimeScenario = {
  kind: 'time',
  name: 'refused-call',
  title: 'call refused by an open breaker, awaited and caught',
  budget: 7.2,
  loop: 'caught',
  operation: (subject, work) => subject.openBreaker?.(work),
};
