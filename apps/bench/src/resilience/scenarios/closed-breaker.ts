/**
 * Owns the scenario of an everyday call through a breaker.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const closedBreaker: TimeScenario = {
  kind: 'time',
  name: 'closed-breaker',
  title: 'closed breaker around a succeeding call',
  budget: 1.9,
  loop: 'awaited',
  operation: (subject, work) => subject.closedBreaker?.(work),
};
