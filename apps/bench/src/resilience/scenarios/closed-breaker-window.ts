/**
 * Owns the scenario of an everyday call through a breaker that has to read a clock.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const closedBreakerWindow: TimeScenario = {
  kind: 'time',
  name: 'closed-breaker-window',
  title: 'closed breaker with a window of 10 s around a succeeding call',
  budget: 2.4,
  loop: 'awaited',
  operation: (subject, work) => subject.closedWindowBreaker?.(work),
};
