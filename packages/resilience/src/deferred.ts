/**
 * Owns a promise that is settled from outside.
 * Must never know what it stands for.
 */
import type { Outcome } from './outcome.ts';

type Resolve = (value?: unknown) => void;
type Reject = (error: unknown) => void;

let lastResolve: Resolve;
let lastReject: Reject;

/** One function for all promises: a closure for each costs a third of the making. */
function capture(resolve: Resolve, reject: Reject): void {
  lastResolve = resolve;
  lastReject = reject;
}

/** A promise, and the means to settle it; only the first time counts. */
export class Deferred<Result = unknown> {
  declare readonly promise: Promise<Result>;
  declare readonly resolve: (value: Result | PromiseLike<Result>) => void;
  declare readonly reject: (error: unknown) => void;

  constructor() {
    this.promise = new Promise(capture) as Promise<Result>;
    this.resolve = lastResolve;
    this.reject = lastReject;
  }

  settle(ending: Outcome<Result>): void {
    if (ending.kind === 'result') this.resolve(ending.value);
    else this.reject(ending.error);
  }
}
