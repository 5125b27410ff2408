/**
 * Owns what there is to remember of one call that is tried again: its failures, its waits, and the error they end in.
 * Must never know why a try is the last.
 */
import type { Deadline } from './deadline.ts';
import { type ExhaustionReason, RetriesExhaustedError } from './errors.ts';

/** The final error holds what the tries failed with, but of an endless row only the newest. */
const MOST_FAILURES_KEPT = 1_000;

/** How a call ends that has failed. */
export type RetryEnding = 'stopped' | ExhaustionReason;

/** Nothing, until a call fails or has a deadline of its own. */
export class Trial {
  /** What the deadline was outside of the retry. */
  readonly outerDeadline: Deadline;
  previousMs: number | undefined = undefined;
  /** How many tries have failed. */
  made = 0;
  readonly failures: unknown[] = [];

  constructor(outerDeadline: Deadline) {
    this.outerDeadline = outerDeadline;
  }

  failed(error: unknown): void {
    this.made++;
    this.failures.push(error);
    if (this.failures.length > MOST_FAILURES_KEPT) this.failures.shift();
  }

  /** What the only try failed with says it all, unless it would have been tried again but for the budget. */
  exhausted(by: RetryEnding): RetriesExhaustedError | undefined {
    const saysItAll = by === 'stopped' || (by !== 'out-of-budget' && this.made === 1);
    return saysItAll ? undefined : new RetriesExhaustedError(this.failures, by, this.made);
  }
}
