/**
 * Owns the scenario of what an everyday call through a breaker leaves to the collector.
 * It must never know a library.
 */
import type { GarbageScenario } from '../scenario.ts';

export const closedBreakerGarbage: GarbageScenario = {
  kind: 'garbage',
  name: 'closed-breaker-garbage',
  title: 'garbage of a call through a closed breaker, beyond that of the bare call',
  budget: 'best peer',
  loop: 'awaited',
  operation: (subject, work) => subject.closedBreaker?.(work),
};
