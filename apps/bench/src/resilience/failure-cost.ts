/**
 * Owns the arithmetic of what a failing call costs beyond the throw itself, beside one that succeeds.
 * It must never know a library.
 */

/** The first two without a breaker, the others through one. */
export type FailureContender = 'plain' | 'plainFailing' | 'succeeding' | 'failing';

/**
 * Round by round: (failing − the throw) / succeeding, through the breaker, where the throw is what failing adds without one.
 * It is 1 when the breaker does no more for a failure than for a success.
 */
export function failureCost(of: (contender: FailureContender) => readonly number[]): readonly number[] {
  const [plain, plainFailing, succeeding] = [of('plain'), of('plainFailing'), of('succeeding')];
  return of('failing').map((failing, round) => {
    const thrown = (plainFailing[round] ?? Number.NaN) - (plain[round] ?? Number.NaN);
    return (failing - thrown) / (succeeding[round] ?? Number.NaN);
  });
}
