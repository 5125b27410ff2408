/**
 * Owns the package as the cases import it: all of it as it is, with its `assert` counted.
 * It must never know what else is in the package.
 */
import { assert as uncounted } from '@cryo/resilience';
import { countAssertion } from './assert.ts';

export * from '@cryo/resilience';

export function assert(condition: unknown, message: string): asserts condition {
  countAssertion();
  uncounted(condition, message);
}
