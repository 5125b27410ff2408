/**
 * Owns what metrics read as: plain data that can be kept, sent and compared.
 * Must never know how a metric is kept.
 */
import { assert } from '../assert.ts';
import type { Labels } from './definition.ts';

/** What a histogram says in a few numbers, in the unit of what was recorded. All are 0 when nothing was. */
export interface HistogramSummary {
  /** How many values were recorded, by weight. */
  readonly count: number;
  /** The sum of all values, as floating-point addition has it: 0.1 ten times is 0.9999999999999999. */
  readonly sum: number;
  /** `sum / count`. */
  readonly mean: number;
  /** The median, ±0.8 %. */
  readonly p50: number;
  /** What 95 of 100 values do not exceed, ±0.8 %. */
  readonly p95: number;
  /** What 99 of 100 values do not exceed, ±0.8 %. */
  readonly p99: number;
  /** The largest value, exact. */
  readonly max: number;
}

/** A histogram as plain data: its summary and every bucket that is not empty, as `[least value, how many]`, ascending. */
export interface HistogramReading extends HistogramSummary {
  /** Records that were turned away: no numbers, NaN, negative numbers, senseless weights. */
  readonly rejected: number;
  /** The buckets that are not empty, ascending: the least value that falls into one, and how many did. */
  readonly buckets: readonly (readonly [from: number, count: number])[];
}

/** What tells a metric from every other, and people what it means. */
export interface MetricIdentity {
  /** As it was registered, such as `cryo_breaker_calls_total`. */
  readonly name: string;
  /** One sentence that says what it tells. */
  readonly help: string;
  /** The unit of its values, such as `'ms'`; undefined for plain counts. */
  readonly unit: string | undefined;
  /** What tells it from the others of its name. */
  readonly labels: Labels;
}

/** One metric as plain data. */
export type MetricReading = MetricIdentity &
  (
    | {
        /** What it is: a total that only grows, or a present value. */
        readonly kind: 'counter' | 'gauge';
        /** The total, or in a change what has come since; of a gauge the present value. */
        readonly value: number;
      }
    | {
        readonly kind: 'histogram';
        /** The distribution, or in a change that of what has come since. */
        readonly histogram: HistogramReading;
      }
  );

/**
 * Every metric as frozen plain data, in the order of registration, which survives JSON. A 'total' counts since the registry
 * was made, a 'change' since an earlier reading; gauges are the present value in both.
 */
export interface RegistryReading {
  /** `'total'`: since the registry was made; `'change'`: since the reading that was given as `since`. */
  readonly kind: 'total' | 'change';
  /** When it was read, on the registry's clock. */
  readonly atMs: number;
  /** How long the time is that counters and histograms speak of. */
  readonly ageMs: number;
  /** One entry a metric, in the order of registration. */
  readonly metrics: readonly MetricReading[];
}

/** A reading of a histogram that may have been through JSON. Throws an AssertionError when it is none. */
export function asReading(data: unknown): HistogramReading {
  const { buckets = [], ...header }: HistogramReading = Object(data);
  const { count, sum, max, rejected } = header;
  const areNumbers = [count, sum, max, rejected].every(Number.isFinite);
  assert(areNumbers && Array.isArray(buckets) && Array.from(buckets).every(isPair), 'not a reading');
  return { ...header, buckets };
}

function isPair(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2 && pair.every((part) => Number.isFinite(part) && part >= 0);
}
