/**
 * Owns the scenario of two policies around one call.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const retryOfBreaker: TimeScenario = {
  kind: 'time',
  name: 'retry-of-breaker',
  title: 'retry of calls through a closed breaker',
  budget: 2.15,
  loop: 'awaited',
  operation: (subject, work) => subject.retryOfBreaker?.(work),
};
