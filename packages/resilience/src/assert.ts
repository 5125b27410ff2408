/**
 * Owns the one way in which this project says that it has a bug: an assertion that stays on in production.
 * Must never know what is being asserted, nor be used to judge what a caller passed in.
 */

/** Thrown when an assumption of the library itself is false: a bug of ours, never the caller's mistake. */
export class AssertionError extends Error {
  readonly code = 'ASSERTION_FAILED';

  override get name(): string {
    return 'AssertionError';
  }
}

/**
 * Throws an {@link AssertionError} unless the condition holds. Pass a constant message on hot paths: it is evaluated
 * whether or not the condition holds.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
