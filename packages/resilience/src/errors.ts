/**
 * Owns the errors that leave this library: their codes, their brand, and the stackless form of those raised in bulk.
 * Must never know who raises them, nor decide what an error means for a policy.
 */

const BRAND: unique symbol = Symbol.for('cryo.error');
const REFUSAL_BRAND: unique symbol = Symbol.for('cryo.refusal');

/** What an error may carry beyond its message. */
export interface CryoErrorOptions {
  readonly cause?: unknown;
}

/**
 * The root of every error of ours. `code` is stable across versions and is what programs should compare; the class name
 * is in `name`, the error that led here in `cause`.
 */
export class CryoError extends Error {
  readonly code: string;

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
  return typeof value === 'object' && value !== null && BRAND in value;
}

/**
 * The body of an error without a stack trace. Taking a trace costs about 2.5 µs and these errors are raised by the ten
 * thousand exactly when a system is in trouble, from timers and settled promises where a trace would name none of the
 * caller's code. `Error.prototype` is in the chain and `stack` is an own string, which is what `instanceof Error`,
 * loggers and the runtimes' reports of unhandled rejections look at.
 *
 * Fields are only declared here and below: a field that is really defined is first set to undefined, which makes a refusal
 * four times as slow.
 */
class Stackless {
  declare readonly name: string;
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
}
Object.setPrototypeOf(Stackless.prototype, CryoError.prototype);

const StacklessBase: new (code: string, message: string, options?: CryoErrorOptions) => CryoError = Stackless;

/** An error of ours that is cheap to make in bulk: a {@link CryoError} in every respect but that it has no stack trace. */
export class StacklessError extends StacklessBase {
  override get name(): string {
    return 'StacklessError';
  }
}

/**
 * One option that cannot be used: where it stands, what it was, and what it should have been, with its unit. In a thrown
 * error `value` is primitive: of an object or function only the kind is kept, for it may hold secrets.
 */
export interface OptionFault {
  readonly path: string;
  readonly value: unknown;
  readonly expected: string;
}

/** Options that cannot be used. Every fault is listed at once, in the message and in `faults`. */
export class InvalidOptionsError extends CryoError {
  readonly faults: readonly OptionFault[];

  constructor(subject: string, faults: readonly OptionFault[]) {
    super('INVALID_OPTIONS', `${subject}: ${faults.map(describeFault).join('; ')}`);
    this.faults = Object.freeze(
      faults.map(({ path, value, expected }) => Object.freeze({ path, value: withoutContents(value), expected })),
    );
  }

  override get name(): string {
    return 'InvalidOptionsError';
  }
}

/** The caller's own signal ended the operation; `cause` is the reason that the signal gave. */
export class AbortedError extends StacklessError {
  constructor(reason: unknown, message = 'The operation was aborted by its caller') {
    super('ABORTED', message, { cause: reason });
  }

  override get name(): string {
    return 'AbortedError';
  }
}

/** The operation's deadline passed before it was done. */
export class DeadlineExceededError extends StacklessError {
  constructor(message = 'The operation was not done by its deadline', options?: CryoErrorOptions) {
    super('DEADLINE_EXCEEDED', message, options);
  }

  override get name(): string {
    return 'DeadlineExceededError';
  }
}

/** What a timeout says when it fires. */
export interface TimeoutDetails extends CryoErrorOptions {
  readonly timeout: string;
  readonly timeoutMs: number;
}

/** Work took longer than a timeout allows. It is named as the platform's own, the one of `AbortSignal.timeout`. */
export class TimeoutError extends DeadlineExceededError {
  declare readonly timeout: string;
  declare readonly timeoutMs: number;

  constructor({ timeout, timeoutMs, ...options }: TimeoutDetails) {
    super(`The operation took longer than the ${timeoutMs} ms of the timeout '${timeout}'`, options);
    this.timeout = timeout;
    this.timeoutMs = timeoutMs;
  }

  override get name(): string {
    return 'TimeoutError';
  }
}

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
  return typeof error === 'object' && error !== null && REFUSAL_BRAND in error;
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

/** Why no further attempt was made. */
export type ExhaustionReason = 'out-of-retries' | 'out-of-time' | 'out-of-budget';

/** Every attempt failed, `made` in all. `attempts` holds what each failed with (the newest 1,000); `cause` is the last. */
export class RetriesExhaustedError extends CryoError {
  readonly attempts: readonly unknown[];
  readonly reason: ExhaustionReason;
  readonly made: number;

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

function withoutContents(value: unknown): unknown {
  const hasContents = typeof value === 'function' || (typeof value === 'object' && value !== null);
  return hasContents ? describeValue(value) : value;
}

function describeFault(fault: OptionFault): string {
  return `${fault.path} is ${describeValue(fault.value)}, expected ${fault.expected}`;
}

/** A value as a person would write it, short enough for one line. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 80 ? `'${value.slice(0, 80)}…'` : `'${value}'`;
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    default:
      return String(value);
  }
}
