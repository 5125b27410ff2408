/**
 * Owns the scenario of the three policies that a service puts around every call.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const everyday: TimeScenario = {
  kind: 'time',
  name: 'everyday',
  title: 'retry of calls through a closed breaker, each with a timeout',
  budget: 3.4,
  loop: 'awaited',
  operation: (subject, work) => subject.everyday?.(work),
};
