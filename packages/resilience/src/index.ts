/**
 * Owns the list of what @cryo/resilience offers; it is written by hand.
 * Must never know how any of it works.
 */
export { AssertionError, assert } from './assert.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  AbortedError,
  type BreakerOpenDetails,
  BreakerOpenError,
  CryoError,
  type CryoErrorOptions,
  DeadlineExceededError,
  InvalidOptionsError,
  isCryoError,
  isRefusal,
  type OptionFault,
  type RefusalDetails,
  RefusedError,
  RetriesExhaustedError,
  StacklessError,
} from './errors.ts';
export { Emitter, type ListenerFault } from './events.ts';
export { Counter } from './metrics/counter.ts';
export { Gauge } from './metrics/gauge.ts';
export { Histogram, type HistogramReading, type HistogramSummary } from './metrics/histogram.ts';
export {
  type GaugeDefinition,
  type Labels,
  type MetricDefinition,
  type MetricReading,
  Registry,
  type RegistryReading,
} from './metrics/registry.ts';
export { type NumberRange, OptionCheck, type OptionType } from './options.ts';
export { type Random, systemRandom } from './random.ts';
export { systemTimers, type Timer, type Timers } from './timers.ts';
