/**
 * Owns the errors of work that was not let begin.
 * Must never know why a policy refuses.
 */
import type { CryoErrorOptions } from './cryo-error.ts';
import { StacklessError } from './stackless.ts';

const REFUSAL_BRAND: unique symbol = Symbol.for('cryo.refusal');

/** What a refusal says: which policy refused, and in how many milliseconds asking again may help (undefined: unknown). */
export interface RefusalDetails extends CryoErrorOptions {
  /** The kind of policy that refused, such as `'bulkhead'`. */
  readonly policy: string;
  /** In how many ms asking again may help; undefined where nobody knows. */
  readonly retryAfterMs?: number | undefined;
}

/** A policy of ours did not let the call begin: the work never ran. */
export class RefusedError extends StacklessError {
  /** The kind of policy that refused: `'circuit-breaker'`, `'bulkhead'`, `'rate-limiter'`. */
  declare readonly policy: string;
  /** In how many ms asking again may help; undefined where nobody knows. */
  declare readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, details: RefusalDetails) {
    super(code, message, details);
    this.policy = details.policy;
    this.retryAfterMs = details.retryAfterMs;
  }

  override get name(): string {
    return 'RefusedError';
  }

  get [REFUSAL_BRAND](): true {
    return true;
  }
}

/** Whether a policy of ours refused the call before any work ran; works across duplicate copies of the package. */
export function isRefusal(error: unknown): error is RefusedError {
  return REFUSAL_BRAND in Object(error);
}

/** What a breaker says when it refuses. */
export interface BreakerOpenDetails extends CryoErrorOptions {
  /** The name of the breaker. */
  readonly breaker: string;
  /** `recovering`: it is closed again, and lets only a growing share of the calls pass. */
  readonly state: 'open' | 'half-open' | 'isolated' | 'recovering';
  /** In how many ms a permit will be given if nothing happens before; Infinity while it is isolated. */
  readonly retryAfterMs?: number | undefined;
}

/** A circuit breaker refused the call; `cause` is the failure that opened it. */
export class BreakerOpenError extends RefusedError {
  /** The name of the breaker. */
  declare readonly breaker: string;
  /** Why it let nobody pass; `recovering`: it is closed again, and lets only a growing share of the calls pass. */
  declare readonly state: BreakerOpenDetails['state'];

  constructor(details: BreakerOpenDetails) {
    super('BREAKER_OPEN', `Circuit breaker '${details.breaker}' is ${details.state}`, {
      policy: 'circuit-breaker',
      retryAfterMs: details.retryAfterMs,
      cause: details.cause,
    });
    this.breaker = details.breaker;
    this.state = details.state;
  }

  override get name(): string {
    return 'BreakerOpenError';
  }
}
