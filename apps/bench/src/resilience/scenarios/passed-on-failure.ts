/**
 * Owns the scenario of a failing call on top of many others in a window, beside a wrapper that passes a throw on and counts nothing.
 * It must never know a library.
 */
import type { FailureScenario } from '../scenario.ts';
import { recordedFailure } from './recorded-failure.ts';

/** A promise that rejects throws again in every async function that it comes through: no breaker's doing. */
export const passedOnFailure: FailureScenario = {
  ...recordedFailure,
  name: 'passed-on-failure',
  title: 'failing call recorded, 100,000 calls in the window, beyond a throw that an async function passes on',
  thrownBy: 'passing on',
};
