/**
 * Owns how a call can end, and what an ending says about the health of what was called.
 * Must never know which policy asks, nor what follows from its answer.
 */
import { type CryoError, carefully, isCryoError, isRefusal, type RetriesExhaustedError } from './errors.ts';

/** How work ended: a result, or an error of whatever type was thrown. */
export type Outcome<Result = unknown> =
  | {
      readonly kind: 'result';
      /** What the work answered. */
      readonly value: Result;
    }
  | {
      readonly kind: 'error';
      /** What the work threw, or rejected with. */
      readonly error: unknown;
    };

/** The outcome of what has failed with this. */
export function failure(error: unknown): Extract<Outcome, { readonly kind: 'error' }> {
  return { kind: 'error', error };
}

/** What one outcome says about whoever was called. `neutral` says nothing: it is counted nowhere. */
export type Verdict = 'success' | 'failure' | 'neutral';

/** Whether a value that came from outside, a user's classifier for one, is a verdict. */
export function isVerdict(value: unknown): value is Verdict {
  return value === 'success' || value === 'failure' || value === 'neutral';
}

/** The slice of an AbortSignal that a judgement needs. */
export interface AbortState {
  /** Whether the caller has aborted. */
  readonly aborted: boolean;
}

/**
 * The default verdict on an error: a failure, unless it says nothing about whoever was called. Neutral are
 *
 * - whatever ends a call whose caller has aborted it: pass the caller's signal, so that this is known and not guessed;
 * - without a signal, an error that calls itself a cancellation: ours, or one named `AbortError` as the platform has it
 *   (a `TimeoutError`, which is what `AbortSignal.timeout` gives, is a failure);
 * - a refusal by a policy of ours, or a deadline that passed before the work began, since the work never ran, and retries
 *   that met nothing else.
 *
 * Never throws: an error that throws when it is looked at is a failure.
 */
export function judgeErrorByDefault(error: unknown, signal?: AbortState): Verdict {
  return judgeErrorOf(isTooLate, error, signal);
}

/** The same for whoever knows which errors say that the very work which was called never ran. */
export function judgeErrorOf(hasNotBegun: Test, error: unknown, signal?: AbortState): Verdict {
  if (signal?.aborted) return 'neutral';
  return carefully(() => judge((one) => isRefusal(one) || hasNotBegun(one), error, signal === undefined), 'failure');
}

type Test = (error: unknown) => boolean;

/** By codes, for an error may be of another copy of the package, and who only breaks circuits needs no classes for it. */
function judge(hasNotBegun: Test, error: unknown, mayGuess: boolean): Verdict {
  if (isCryoError(error)) {
    if (hasNotBegun(error) || error.code === 'ABORTED') return 'neutral';
    if (isExhausted(error)) return error.attempts.every(hasNotBegun) ? 'neutral' : 'failure';
  }
  return mayGuess && isNamedAbort(error) ? 'neutral' : 'failure';
}

/** Whether an error says that work, whichever, was kept waiting until its deadline, or came after it. */
function isTooLate(error: unknown): boolean {
  return isCryoError(error) && Object(error).begun === false;
}

/** Whether an error says that somebody cancelled: an AbortedError of ours, or anything named `AbortError`. */
export function isCancellation(error: unknown): boolean {
  return (isCryoError(error) && error.code === 'ABORTED') || isNamedAbort(error);
}

function isNamedAbort(error: unknown): boolean {
  return (error as Partial<Error> | null | undefined)?.name === 'AbortError';
}

function isExhausted(error: CryoError): error is RetriesExhaustedError {
  return error.code === 'RETRIES_EXHAUSTED' && Array.isArray(Object(error).attempts);
}
