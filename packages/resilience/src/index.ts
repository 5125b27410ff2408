/**
 * Owns the list of what @cryo/resilience offers; it is written by hand.
 * Must never know how any of it works.
 */
export { AssertionError, assert } from './assert.ts';
export {
  type Backoff,
  type ConstantBackoffOptions,
  constantBackoff,
  type ExponentialBackoffOptions,
  exponentialBackoff,
  type Jitter,
} from './backoff.ts';
export { anyOf } from './breaker/any-of.ts';
export { circuitBreaker } from './breaker/breaker.ts';
export type { RateOptions, RateWindow } from './breaker/call-rate.ts';
export type { BreakerEvents, CircuitBreaker, IsolationHandle } from './breaker/contract.ts';
export { failureRate } from './breaker/failure-rate.ts';
export {
  type KeyedBreakerReading,
  type KeyedBreakers,
  type KeyedBreakersEvents,
  keyedBreakers,
} from './breaker/keyed.ts';
export type { KeyedBreakersOptions } from './breaker/keyed-options.ts';
export { type OpenForRetryAfterOptions, openForRetryAfter } from './breaker/open-time.ts';
export type { CircuitBreakerOptions, HalfOpenOptions, Opening } from './breaker/options.ts';
export { type RecoveryOptions, recoveryRamp } from './breaker/ramp.ts';
export { fromSnapshot } from './breaker/restore.ts';
export { type SlowCallRateOptions, slowCallRate } from './breaker/slow-call-rate.ts';
export {
  type BreakerSnapshot,
  type SavedClosed,
  type SavedFlow,
  type SavedHalfOpen,
  type SavedIsolated,
  type SavedOpening,
  type SavedRamp,
  type SavedState,
  snapshotOf,
} from './breaker/snapshot.ts';
export type {
  BreakerState,
  ClosedState,
  HalfOpenState,
  IsolatedState,
  Isolation,
  OpenState,
  Pace,
  Permit,
  ProbeLease,
  RampLine,
  Recovery,
  RecoveryRamp,
  Restore,
} from './breaker/state.ts';
export { consecutiveFailures, type TripNeeds, type TripRecord, type TripRule } from './breaker/trip-rule.ts';
export { type Bulkhead, type BulkheadOptions, bulkhead } from './bulkhead.ts';
export type { ExecuteOptions, PolicyContext, Work } from './call.ts';
export { type Clock, systemClock } from './clock.ts';
export { type AbortSignal, CallContext, type Deadline, LazyAbort } from './deadline.ts';
export {
  AbortedError,
  type BreakerOpenDetails,
  BreakerOpenError,
  CryoError,
  type CryoErrorOptions,
  DeadlineExceededError,
  type ExhaustionReason,
  InvalidOptionsError,
  isCryoError,
  isRefusal,
  type OptionFault,
  type RefusalDetails,
  RefusedError,
  RetriesExhaustedError,
  StacklessError,
  type TimeoutDetails,
  TimeoutError,
} from './errors.ts';
export { Emitter, type EmitterOptions, type EventNames } from './events.ts';
export { type Fallback, type FallbackBase, type FallbackOptions, fallback } from './fallback.ts';
export { type Hedge, type HedgeOptions, hedge } from './hedge.ts';
export type { ListenerFailed, ListenerFault } from './hooks.ts';
export { Counter } from './metrics/counter.ts';
export type { GaugeDefinition, Labels, MetricDefinition } from './metrics/definition.ts';
export { Gauge } from './metrics/gauge.ts';
export { Histogram } from './metrics/histogram.ts';
export type { HistogramReading, HistogramSummary, MetricReading, RegistryReading } from './metrics/reading.ts';
export { Registry } from './metrics/registry.ts';
export type { NumberRange, OptionType } from './option-rules.ts';
export { OptionCheck } from './options.ts';
export { judgeErrorByDefault, type Outcome, type Verdict } from './outcome.ts';
export { compose, type Policy } from './policy.ts';
export { type Random, systemRandom } from './random.ts';
export { type RateLimiter, type RateLimiterOptions, rateLimiter } from './rate-limiter.ts';
export { type Retry, type RetryEvents, retry } from './retry.ts';
export { type RetryBudgetOptions, retryBudget, type TokenBudget } from './retry-budget.ts';
export type { RetryBudget, RetryOptions, RetryVerdict } from './retry-options.ts';
export { guardTimers, type StallGuardOptions } from './stall-guard.ts';
export { type Timeout, type TimeoutOptions, timeout } from './timeout.ts';
export { systemTimers, type Timer, type Timers } from './timers.ts';
export { type CallWindow, CountWindow, type CountWindowOptions, TimeWindow, type TimeWindowOptions } from './window.ts';
