/**
 * Owns the errors of work that was ended before it was done: by its caller, or by time.
 * Must never know who raises them.
 */
import type { CryoErrorOptions } from './cryo-error.ts';
import { StacklessError } from './stackless.ts';

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
  /**
   * False when the work is known not to have begun by then, so that this says nothing about whoever would have been called. A
   * timeout around a policy that keeps the work waiting does not know.
   */
  declare readonly begun: boolean;

  constructor(message = 'The operation was not done by its deadline', options?: CryoErrorOptions, begun = true) {
    super('DEADLINE_EXCEEDED', message, options);
    this.begun = begun;
  }

  override get name(): string {
    return 'DeadlineExceededError';
  }
}

/** Which work it was too late for. */
const lateWork = new WeakMap<object, object>();

/** What a call fails with whose deadline has passed before its work began. */
export function tooLateToBegin(work: object | undefined): DeadlineExceededError {
  const error = new DeadlineExceededError('The deadline passed before the work began', undefined, false);
  if (work !== undefined) lateWork.set(error, work);
  return error;
}

/** The work that this says to have been too late for; undefined for every other error. */
export function workTooLate(error: unknown): object | undefined {
  return lateWork.get(Object(error));
}

/** What a timeout says when it fires. */
export interface TimeoutDetails extends CryoErrorOptions {
  /** The name of the timeout. */
  readonly timeout: string;
  /** How long the work was allowed to take, in ms. */
  readonly timeoutMs: number;
}

/** Work took longer than a timeout allows. It is named as the platform's own, the one of `AbortSignal.timeout`. */
export class TimeoutError extends DeadlineExceededError {
  /** The name of the timeout. */
  declare readonly timeout: string;
  /** How long the work was allowed to take, in ms. */
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
