/**
 * Owns the form of those errors that are raised in bulk: all of an error but the stack trace.
 * Must never know who raises one, nor what it means.
 */
import { type BRAND, CryoError, type CryoErrorOptions } from './cryo-error.ts';

/** An error of ours that is cheap to make in bulk: a {@link CryoError} in every respect but that it has no stack trace. */
export type StacklessError = CryoError;

/**
 * The body of an error without a stack trace. Taking a trace costs about 2.5 µs and these errors are raised by the ten
 * thousand exactly when a system is in trouble, from timers and settled promises where a trace would name none of the
 * caller's code. `Error.prototype` is in the chain and `stack` is an own string, which is what `instanceof Error`,
 * loggers and the runtimes' reports of unhandled rejections look at.
 *
 * Fields are only declared here and below: a field that is really defined is first set to undefined, which makes a refusal
 * four times as slow.
 */
export const StacklessError: new (code: string, message: string, options?: CryoErrorOptions) => CryoError =
  /* @__PURE__ */ inFormOf(
    CryoError,
    class StacklessError {
      declare readonly [BRAND]: true;
      declare readonly cause?: unknown;
      declare readonly stack: string;
      declare readonly message: string;
      declare readonly code: string;

      constructor(code: string, message: string, options?: CryoErrorOptions) {
        this.stack = `${this.name}: ${message}`;
        this.message = message;
        this.code = code;
        if (options?.cause !== undefined) this.cause = options.cause;
      }

      get name(): string {
        return 'StacklessError';
      }
    },
  );

/** The class, whose errors are of that kind from then on, while nothing of the constructor of the kind runs. */
export function inFormOf<Flat extends { readonly prototype: object }>(
  kind: { readonly prototype: object },
  flat: Flat,
): Flat {
  Object.setPrototypeOf(flat.prototype, kind.prototype);
  return flat;
}
