/**
 * Owns what a piece of work is told about its end: the deadline by which, and the signal through which.
 * Must never know who sets a deadline or aborts, nor run a timer.
 */
import { AbortedError } from './errors.ts';

/** A moment on `Clock.now()`, in ms, by which something has to be done; Infinity: never. */
export type Deadline = number;

/**
 * The platform's own AbortSignal wherever its type is known (a project with Node's or DOM types), so that ours can be given
 * to `fetch` and the platform's to us; elsewhere the part of it that is used here.
 */
export type AbortSignal = typeof globalThis extends { readonly AbortSignal: { readonly prototype: infer Platform } }
  ? Platform
  : PlainAbortSignal;

/** The part of an AbortSignal that is used here. */
export interface PlainAbortSignal {
  /** Whether it has aborted. */
  readonly aborted: boolean;
  /** What was given as the reason of the abort; undefined before it. */
  readonly reason: unknown;
  /** Calls the listener when it aborts; not when it has aborted already. */
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  /** The listener is not called any more. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

interface Controller {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

interface AbortPlatform {
  readonly AbortController: new () => Controller;
}

/** As the platform makes them. */
export function newController(): Controller {
  return new (globalThis as object as AbortPlatform).AbortController();
}

/** An abort whose controller, which costs microseconds, is made only once somebody reads its signal. */
export class LazyAbort {
  #controller: Controller | undefined;
  #abort: { readonly reason: unknown } | undefined;

  /** The same signal on every reading; already aborted when the abort came first. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = newController();
      if (this.#abort !== undefined) this.#controller.abort(this.#abort.reason);
    }
    return this.#controller.signal;
  }

  /** Whether `abort` was called. */
  get aborted(): boolean {
    return this.#abort !== undefined;
  }

  /** What the first abort gave as its reason; undefined before it. */
  get reason(): unknown {
    return this.#abort?.reason;
  }

  /** Aborts once; a second abort changes nothing. `undefined` as a reason becomes an {@link AbortedError}. */
  abort(reason: unknown): void {
    if (this.#abort !== undefined) return;
    this.#abort = { reason: reason === undefined ? new AbortedError(undefined) : reason };
    this.#controller?.abort(this.#abort.reason);
  }
}

/** What work gets from whoever started it. `signal` costs nothing until it is read. */
export class CallContext {
  /** By when the work has to be done, on the clock of whoever started it; Infinity when there is no limit. */
  readonly deadline: Deadline;
  #abort: LazyAbort | undefined;

  constructor(deadline: Deadline) {
    this.deadline = deadline;
  }

  /** Aborts when the work is no longer wanted. */
  get signal(): AbortSignal {
    this.#abort ??= new LazyAbort();
    return this.#abort.signal;
  }

  /** For whoever started the work: it is no longer wanted. */
  abort(reason: unknown): void {
    this.#abort ??= new LazyAbort();
    this.#abort.abort(reason);
  }
}
