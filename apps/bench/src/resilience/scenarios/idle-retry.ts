/**
 * Owns the scenario of a retry with nothing to do.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const idleRetry: TimeScenario = {
  kind: 'time',
  name: 'idle-retry',
  title: 'retry that does not retry',
  budget: 2.0,
  loop: 'awaited',
  operation: (subject, work) => subject.retry?.(work),
};
