/**
 * Owns the errors of work that was not let begin.
 * Must never know why a policy refuses.
 */
import type { BRAND, CryoError, CryoErrorOptions } from './cryo-error.ts';
import { inFormOf, StacklessError } from './stackless.ts';

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
  /** In how many ms a permit will be given if nothing happens before; undefined while only somebody's hand can change it. */
  readonly retryAfterMs?: number | undefined;
}

/** A circuit breaker refused the call; `cause` is the failure that opened it. */
export interface BreakerOpenError extends RefusedError {
  /** The name of the breaker. */
  readonly breaker: string;
  /** Why it let nobody pass; `recovering`: it is closed again, and lets only a growing share of the calls pass. */
  readonly state: BreakerOpenDetails['state'];
}

/**
 * In one piece, for it is made for every call while a server is down: put together from its kinds it would cost twice as much.
 * With `like`, another of the same breaker in the same state, its texts are taken over, which are most of the rest.
 */
export const BreakerOpenError: new (details: BreakerOpenDetails, like?: BreakerOpenError) => BreakerOpenError =
  /* @__PURE__ */ inFormOf(
    RefusedError,
    class BreakerOpenError {
      declare readonly stack: string;
      declare readonly message: string;
      declare readonly code: string;
      declare readonly cause?: unknown;
      declare readonly policy: string;
      declare readonly retryAfterMs: number | undefined;
      declare readonly breaker: string;
      declare readonly state: BreakerOpenDetails['state'];
      declare readonly [BRAND]: true;
      declare readonly [REFUSAL_BRAND]: true;

      constructor({ breaker, state, retryAfterMs, cause }: BreakerOpenDetails, like?: CryoError) {
        const message = like?.message ?? `Circuit breaker '${breaker}' is ${state}`;
        this.stack = like?.stack ?? `${this.name}: ${message}`;
        this.message = message;
        this.code = 'BREAKER_OPEN';
        if (cause !== undefined) this.cause = cause;
        this.policy = 'circuit-breaker';
        this.retryAfterMs = retryAfterMs;
        this.breaker = breaker;
        this.state = state;
      }

      get name(): string {
        return 'BreakerOpenError';
      }
    },
  );
