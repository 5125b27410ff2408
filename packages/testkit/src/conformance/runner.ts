/**
 * Owns the slice of a test runner that the suite needs, as `vitest`, `node:test` and `bun:test` have it.
 * It must never know which one runs, nor what a case does.
 */

/** `{ describe, it }` of a test runner. */
export interface TestRunner {
  /** Groups the cases under one name. */
  describe(name: string, body: () => void): unknown;
  /** The body gets whatever the runner gives a test; `skip(reason)` of it is used where there is one. */
  it(name: string, body: (...given: readonly unknown[]) => Promise<void>): unknown;
}

/** Tells the runner that a case is left out. A runner without a word for that sees a case that passes; its name says why. */
export function leaveOut([context]: readonly unknown[], reason: string): void {
  if (canSkip(context)) context.skip(reason);
}

function canSkip(context: unknown): context is { skip(reason: string): void } {
  const isHolder = (typeof context === 'object' || typeof context === 'function') && context !== null;
  return isHolder && 'skip' in context && typeof context.skip === 'function';
}
