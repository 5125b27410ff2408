/**
 * Owns a promise that is settled from outside.
 * Must never know what it stands for.
 */
import type { Outcome } from './outcome.ts';

/** Settles a promise; a rejection is a value that rejects it. */
export type Settle = (value: unknown) => void;

/** A promise, and the means to settle it; only the first time counts. */
export class Deferred<Result = unknown> {
  declare readonly promise: Promise<Result>;
  declare resolve: (value: Result | PromiseLike<Result>) => void;
  declare reject: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  settle(ending: Outcome<Result>): void {
    if (ending.kind === 'result') this.resolve(ending.value);
    else this.reject(ending.error);
  }
}
