/**
 * Owns calls whose failure nobody can act on.
 * It must never know what the call is for.
 */

/** Calls what has no answer that matters: what it throws ends here, and so does what it rejects with although it should not. */
export function quietly(call: () => unknown): void {
  try {
    Promise.resolve(call()).catch(() => {});
  } catch {
    // The same for what it throws at once.
  }
}
