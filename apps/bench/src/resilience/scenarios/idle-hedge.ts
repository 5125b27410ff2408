/**
 * Owns the scenario of a call that is answered before it would be tried twice.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

/** Held to the budget of a timeout, since both arm an alarm. */
export const idleHedge: TimeScenario = {
  kind: 'time',
  name: 'idle-hedge',
  title: 'hedge that does not hedge',
  budget: 3.4,
  loop: 'awaited',
  operation: (subject, work) => subject.hedge?.(work),
};
