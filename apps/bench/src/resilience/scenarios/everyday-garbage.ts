/**
 * Owns the scenario of what a call through the three policies of a service leaves to the collector.
 * It must never know a library.
 */
import type { GarbageScenario } from '../scenario.ts';

export const everydayGarbage: GarbageScenario = {
  kind: 'garbage',
  name: 'everyday-garbage',
  title: 'garbage of a retry of calls through a closed breaker, each with a timeout, beyond that of the bare call',
  budget: 'best peer',
  loop: 'awaited',
  operation: (subject, work) => subject.everyday?.(work),
};
