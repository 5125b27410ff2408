/**
 * Owns the scenario of a timeout with nothing to do.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const idleTimeout: TimeScenario = {
  kind: 'time',
  name: 'idle-timeout',
  title: 'timeout that does not fire',
  budget: 3.4,
  loop: 'awaited',
  operation: (subject, work) => subject.timeout?.(work),
};
