/**
 * Owns the errors of work that was not let begin.
 * Must never know why a policy refuses.
 */
import type { CryoErrorOptions } from './cryo-error.ts';
import { StacklessError } from './stackless.ts';

const REFUSAL_BRAND: unique symbol = Symbol.for('cryo.refusal');

/** What a refusal says: which policy refused, and in how many milliseconds asking again may help (undefined: unknown). */
export interface RefusalDetails extends CryoErrorOptions {
  readonly policy: string;
  readonly retryAfterMs?: number | undefined;
}

/** A policy of ours did not let the call begin: the work never ran. */
export class RefusedError extends StacklessError {
  declare readonly policy: string;
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
  readonly breaker: string;
  /** `recovering`: it is closed again, and lets only a growing share of the calls pass. */
  readonly state: 'open' | 'half-open' | 'isolated' | 'recovering';
  readonly retryAfterMs?: number | undefined;
}

/** A circuit breaker refused the call; `cause` is the failure that opened it. */
export class BreakerOpenError extends RefusedError {
  declare readonly breaker: string;
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
