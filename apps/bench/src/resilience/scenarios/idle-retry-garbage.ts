/**
 * Owns the scenario of what a retry that does not retry leaves to the collector.
 * It must never know a library.
 */
import type { GarbageScenario } from '../scenario.ts';

export const idleRetryGarbage: GarbageScenario = {
  kind: 'garbage',
  name: 'idle-retry-garbage',
  title: 'garbage of a retry that does not retry, beyond that of the bare call',
  budget: 'best peer',
  loop: 'awaited',
  operation: (subject, work) => subject.retry?.(work),
};
