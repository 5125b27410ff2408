/**
 * Owns the scenario of a call for which a rate limiter has a token.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

/** Held to the budget of a breaker with a window, since both read the clock. */
export const rateLimiter: TimeScenario = {
  kind: 'time',
  name: 'rate-limiter',
  title: 'rate limiter with tokens',
  budget: 2.4,
  loop: 'awaited',
  operation: (subject, work) => subject.rateLimiter?.(work),
};
