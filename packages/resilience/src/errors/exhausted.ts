/**
 * Owns the error of work that was tried several times.
 * Must never know who tries again, nor how it decides.
 */
import { CryoError } from './cryo-error.ts';

/** Why no further attempt was made. */
export type ExhaustionReason = 'out-of-retries' | 'out-of-time' | 'out-of-budget';

/** Every attempt failed, `made` in all. `attempts` holds what each failed with (the newest 1,000); `cause` is the last. */
export class RetriesExhaustedError extends CryoError {
  /** What each try failed with, the oldest first; of more than 1,000 the newest. */
  declare readonly attempts: readonly unknown[];
  /** Why there was no other try. */
  declare readonly reason: ExhaustionReason;
  /** How many tries there were, the first included. */
  declare readonly made: number;

  constructor(attempts: readonly unknown[], reason: ExhaustionReason = 'out-of-retries', made = attempts.length) {
    const why = reason === 'out-of-retries' ? '' : `, and there was no other: ${reason.replaceAll('-', ' ')}`;
    super('RETRIES_EXHAUSTED', `All ${made} attempts failed${why}`, { cause: attempts.at(-1) });
    this.attempts = Object.freeze([...attempts]);
    this.reason = reason;
    this.made = made;
  }

  override get name(): string {
    return 'RetriesExhaustedError';
  }
}
