/**
 * Owns the scenario of a failing call on top of many others in the window of a breaker.
 * It must never know a library.
 */
import type { FailureScenario } from '../scenario.ts';

const CALLS = 100_000;

export const recordedFailure: FailureScenario = {
  kind: 'failure',
  name: 'recorded-failure',
  title: 'failing call recorded, 100,000 calls in the window, beyond the throw of the bare call',
  budget: 2,
  thrownBy: 'work',
  breaker: (subject, succeeding, failing) => subject.filledBreaker?.(succeeding, failing, CALLS),
};
