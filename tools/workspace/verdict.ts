/**
 * Owns the verdict over a run: how many things passed, failed and were skipped, and the line that says so.
 * It must never know what was run, nor treat something that could not be judged as passed.
 */

export interface Skip {
  readonly name: string;
  readonly reason: string;
}

export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
}

export const NOTHING: Verdict = { passed: 0, failed: 0, skipped: [] };

export function addVerdicts(left: Verdict, right: Verdict): Verdict {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: [...left.skipped, ...right.skipped],
  };
}

/** The last line of a run: `412 passed, 0 failed`, and `, 2 skipped` only when something was. */
export function verdictLine({ passed, failed, skipped }: Verdict): string {
  const tail = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  return `${passed} passed, ${failed} failed${tail}`;
}

/** What was skipped and why, one line each. */
export function skipLines({ skipped }: Verdict): readonly string[] {
  return skipped.map(({ name, reason }) => `skipped: ${name}: ${reason}`);
}
