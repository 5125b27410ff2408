/**
 * Owns the list of the errors that leave this library. They lie in files of their own, so that a bundle has those it raises.
 * Must never know who raises them, nor decide what an error means for a policy.
 */
export { CryoError, type CryoErrorOptions, isCryoError } from './errors/cryo-error.ts';
export {
  AbortedError,
  DeadlineExceededError,
  type TimeoutDetails,
  TimeoutError,
  tooLateToBegin,
  workTooLate,
} from './errors/ended.ts';
export { type ExhaustionReason, RetriesExhaustedError } from './errors/exhausted.ts';
export {
  carefully,
  describeValue,
  InvalidOptionsError,
  isArray,
  type OptionFault,
  UNREADABLE,
} from './errors/invalid-options.ts';
export {
  type BreakerOpenDetails,
  BreakerOpenError,
  isRefusal,
  type RefusalDetails,
  RefusedError,
} from './errors/refused.ts';
export { StacklessError } from './errors/stackless.ts';
