/**
 * Owns the root of every error that leaves this library: its code and its brand.
 * Must never know who raises one, nor what it means.
 */

export const BRAND: unique symbol = Symbol.for('cryo.error');

/** What an error may carry beyond its message. */
export interface CryoErrorOptions {
  /** The error that led here, whatever was thrown. */
  readonly cause?: unknown;
}

/**
 * The root of every error of ours. `code` is stable across versions and is what programs should compare; the class name
 * is in `name`, the error that led here in `cause`.
 */
export class CryoError extends Error {
  /** Stable across versions: what programs should compare, such as `'BREAKER_OPEN'`. */
  declare readonly code: string;

  constructor(code: string, message: string, options?: CryoErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override get name(): string {
    return 'CryoError';
  }

  get [BRAND](): true {
    return true;
  }
}

/** Whether the value is an error of ours. Works by a registered symbol, so also across duplicate copies of the package. */
export function isCryoError(value: unknown): value is CryoError {
  return BRAND in Object(value);
}
