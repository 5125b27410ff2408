/**
 * Owns the scenario of a call that needs no fallback.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

/** Held to the budget of a breaker. */
export const idleFallback: TimeScenario = {
  kind: 'time',
  name: 'idle-fallback',
  title: 'fallback that is not needed',
  budget: 1.9,
  loop: 'awaited',
  operation: (subject, work) => subject.fallback?.(work),
};
