/**
 * Owns calls whose failure nobody can act on.
 * It must never know what the call is for.
 */

/** Calls what has no answer that matters: what it throws ends here, and so does what it rejects with although it should not. */
export function quietly(call: () => unknown): void {
  try {
    contain(call());
  } catch {
    // Nobody can act on it.
  }
}

/** An answer that should have been nothing and is a promise must not end as an unhandled rejection. */
export function contain(answer: unknown): void {
  if (typeof answer === 'object' && answer !== null && 'then' in answer) Promise.resolve(answer).catch(() => {});
}
