/**
 * Owns the distribution of many numbers in little memory: how many fell into each log-linear bucket.
 * Must never know what the numbers measure, nor forget one: a change is the difference of two copies.
 */
import { assert } from '../assert.ts';
import { BUCKETS_PER_DOUBLING, bucketOf, LARGEST, middleOf, SMALLEST, startOf } from './buckets.ts';

/** What a histogram says in a few numbers, in the unit of what was recorded. All are 0 when nothing was. */
export interface HistogramSummary {
  readonly count: number;
  readonly sum: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** A histogram as plain data: its summary and every bucket that is not empty, as `[least value, how many]`, ascending. */
export interface HistogramReading extends HistogramSummary {
  readonly rejected: number;
  readonly buckets: readonly (readonly [from: number, count: number])[];
}

const NO_COUNTS = new Float64Array(0);
const SPARE_DOUBLINGS = 2;

/** Keeps a rank that is a whole number whole: 0.07 × 100 is 7.000000000000001 in floating point. */
const ROUNDING = 1 - 1e-12;

/**
 * Records numbers of at least 0 and answers for any quantile within ±0.8 % (64 buckets to each doubling; below 2^-20,
 * about 1 ns in ms, a number counts as 0).
 *
 * - NaN and negative numbers, and weights that are not finite and above 0, are not recorded; `rejected` counts them.
 * - Numbers above 2^53, Infinity included, are recorded as 2^53.
 * - Nothing throws: a measurement must not break what it measures.
 *
 * Recording takes a few nanoseconds and allocates nothing, except when a number lies outside the range seen so far: storage
 * is made at the first record and grows by whole doublings (512 bytes each) to the range of what really occurs.
 */
export class Histogram {
  #counts = NO_COUNTS;
  #firstBucket = 0;
  #zeroes = 0;
  #count = 0;
  #sum = 0;
  #max = 0;
  #rejected = 0;

  /** A histogram with the contents of a reading, which may have been through JSON. */
  static from(reading: HistogramReading): Histogram {
    const histogram = new Histogram();
    for (const [from, count] of reading.buckets) histogram.record(from, count);
    histogram.#count = reading.count;
    histogram.#sum = reading.sum;
    histogram.#max = reading.max;
    histogram.#rejected = reading.rejected;
    return histogram;
  }

  /** @param weight how many times the value occurred, also a fraction. Default 1 */
  record(value: number, weight = 1): void {
    if (!(value >= 0 && weight > 0 && weight < Infinity)) {
      this.#rejected++;
      return;
    }
    const counted = Math.min(value, LARGEST);
    this.#count += weight;
    this.#sum += counted * weight;
    if (counted > this.#max) this.#max = counted;
    if (counted < SMALLEST) this.#zeroes += weight;
    else this.#add(bucketOf(counted), weight);
  }

  /** How many values were recorded, by weight. */
  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** The largest value, exact; 0 when there is none. */
  get max(): number {
    return this.#max;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** How many records were turned away because value or weight made no sense. */
  get rejected(): number {
    return this.#rejected;
  }

  /** The least recorded value that at least the share `q` of all does not exceed, ±0.8 %; `quantile(1)` is `max`. */
  quantile(q: number): number {
    assert(q >= 0 && q <= 1, 'a quantile is from 0 to 1');
    if (q === 1 || this.#count === 0) return this.#max;
    const rank = q * this.#count * ROUNDING;
    let seen = this.#zeroes;
    if (seen > 0 && seen >= rank) return 0;
    for (let index = 0; index < this.#counts.length; index++) {
      const count = this.#counts[index] as number;
      seen += count;
      if (count > 0 && seen >= rank) return Math.min(middleOf(this.#firstBucket + index), this.#max);
    }
    return this.#max;
  }

  summary(): HistogramSummary {
    return {
      count: this.#count,
      sum: this.#sum,
      mean: this.mean,
      p50: this.quantile(0.5),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      max: this.#max,
    };
  }

  /** How many values were at most each of the bounds, which ascend; a value above a bound by less than 1.6 % may count. */
  countsUpTo(bounds: readonly number[]): number[] {
    let seen = 0;
    let index = 0;
    return bounds.map((bound) => {
      while (index < this.#counts.length && startOf(this.#firstBucket + index) <= bound) {
        seen += this.#counts[index] as number;
        index++;
      }
      return bound >= 0 ? this.#zeroes + seen : 0;
    });
  }

  /** Adds everything that the other histogram holds; the other stays as it is. */
  merge(other: Histogram): void {
    for (const [bucket, count] of other.#filled()) this.#add(bucket, count);
    this.#zeroes += other.#zeroes;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
    this.#rejected += other.#rejected;
  }

  copy(): Histogram {
    const copy = new Histogram();
    copy.merge(this);
    return copy;
  }

  /**
   * What was recorded after `earlier`, an older copy of this histogram, was taken. Its `max` is exact when it is a new one,
   * else ±0.8 %. When `earlier` holds what this does not, it is no older copy (the process began anew): all is the change.
   */
  since(earlier: Histogram | undefined): Histogram {
    const change = this.copy();
    return earlier !== undefined && change.#subtract(earlier) ? change : this.copy();
  }

  /** All of it as frozen plain data. */
  read(): HistogramReading {
    const buckets = this.#filled().map(([bucket, count]) => Object.freeze([startOf(bucket), count] as const));
    if (this.#zeroes > 0) buckets.unshift(Object.freeze([0, this.#zeroes] as const));
    return Object.freeze({ ...this.summary(), rejected: this.#rejected, buckets: Object.freeze(buckets) });
  }

  #filled(): [bucket: number, count: number][] {
    const filled: [number, number][] = [];
    this.#counts.forEach((count, index) => {
      if (count > 0) filled.push([this.#firstBucket + index, count]);
    });
    return filled;
  }

  #add(bucket: number, weight: number): void {
    let index = bucket - this.#firstBucket;
    if (!(index >= 0 && index < this.#counts.length)) {
      this.#growTo(bucket);
      index = bucket - this.#firstBucket;
    }
    this.#counts[index] = (this.#counts[index] as number) + weight;
  }

  #growTo(bucket: number): void {
    const spare = SPARE_DOUBLINGS * BUCKETS_PER_DOUBLING;
    const doubling = bucket - (bucket % BUCKETS_PER_DOUBLING);
    const counts = this.#counts;
    const end = this.#firstBucket + counts.length;
    const from = counts.length === 0 || bucket < this.#firstBucket ? doubling - spare : this.#firstBucket;
    const to = bucket >= end ? doubling + BUCKETS_PER_DOUBLING + spare : end;
    this.#counts = new Float64Array(to - from);
    this.#counts.set(counts, counts.length === 0 ? 0 : this.#firstBucket - from);
    this.#firstBucket = from;
  }

  #subtract(earlier: Histogram): boolean {
    const isNewMax = this.#max > earlier.#max;
    for (const [bucket, count] of earlier.#filled()) {
      const index = bucket - this.#firstBucket;
      if (!((this.#counts[index] ?? 0) >= count)) return false;
      this.#counts[index] = (this.#counts[index] as number) - count;
    }
    this.#zeroes -= earlier.#zeroes;
    this.#count -= earlier.#count;
    this.#sum = Math.max(0, this.#sum - earlier.#sum);
    this.#rejected -= earlier.#rejected;
    if (!isNewMax) this.#max = Math.min(this.#max, this.#highest());
    return this.#zeroes >= 0 && this.#count >= 0 && this.#rejected >= 0;
  }

  #highest(): number {
    const last = this.#filled().at(-1);
    return last === undefined ? 0 : middleOf(last[0]);
  }
}
