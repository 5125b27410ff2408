/**
 * Owns the scenario of what a timeout that does not fire leaves to the collector.
 * It must never know a library.
 */
import type { GarbageScenario } from '../scenario.ts';

export const idleTimeoutGarbage: GarbageScenario = {
  kind: 'garbage',
  name: 'idle-timeout-garbage',
  title: 'garbage of a timeout that does not fire, beyond that of the bare call',
  budget: 'best peer',
  loop: 'awaited',
  operation: (subject, work) => subject.timeout?.(work),
};
