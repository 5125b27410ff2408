/**
 * Owns the scenario of a breaker looked up by its key, always the same.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

/** Held to the budget of a breaker with a window, since both read the clock. */
export const keyedBreaker: TimeScenario = {
  kind: 'time',
  name: 'keyed-breaker',
  title: 'keyed breaker, one key',
  budget: 2.4,
  loop: 'awaited',
  operation: (subject, work) => subject.keyedBreakers?.(work, ['eu']),
};
