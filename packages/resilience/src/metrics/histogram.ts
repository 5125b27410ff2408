/**
 * Owns the distribution of many numbers in little memory: how many fell into each log-linear bucket.
 * Must never know what the numbers measure, nor forget one: a change is the difference of two copies.
 */
import { assert } from '../assert.ts';
import { bucketOf, LARGEST, LAST_BUCKET, middleOf, SMALLEST, startOf, widen } from './buckets.ts';
import { asReading, type HistogramReading, type HistogramSummary } from './reading.ts';

// One array holds everything, so that recording touches one object:
//
//     0       1     2     3        4          5 = HEADER
//     count   sum   max   zeroes   rejected   one cell for each bucket of the range seen so far
const COUNT = 0;
const SUM = 1;
const MAX = 2;
const ZEROES = 3;
const REJECTED = 4;
const HEADER = 5;

const NOTHING = new Float64Array(HEADER);

/** Keeps a rank that is a whole number whole: 0.07 × 100 is 7.000000000000001 in floating point. */
const ROUNDING = 1 - 1e-12;

/**
 * Records numbers of at least 0 and answers for any quantile within ±0.8 % (64 buckets to each doubling; below 2^-20,
 * about 1 ns in ms, a number counts as 0).
 *
 * - What is no number of at least 0, and what comes with a weight that is none above 0 and up to 2^53, is not recorded:
 *   `rejected` counts it.
 * - Numbers above 2^53, Infinity included, are recorded as 2^53.
 * - Recording never throws, takes a few nanoseconds, and allocates nothing but 512 bytes for each doubling of the range seen.
 */
export class Histogram {
  #cells = NOTHING;
  /** The cell of a bucket is the bucket less this. */
  #base = 0;

  /** A histogram with the contents of a reading, which may have been through JSON. What is none throws an AssertionError. */
  static from(reading: HistogramReading): Histogram {
    const { count, sum, max, rejected, buckets } = asReading(reading);
    const histogram = new Histogram();
    for (const [from, weight] of buckets) histogram.#put(from, weight);
    histogram.#ownCells().set([count, sum, max, histogram.#get(ZEROES), rejected]);
    return histogram;
  }

  /** Records a value, from 0; `weight` is how many times it occurred, above 0 and up to 2^53, also a fraction. Default 1. */
  record(value: number, weight?: number): void {
    const cells = this.#cells;
    const cell = bucketOf(value) - this.#base;
    // Short enough to become a part of whoever records: docs/decisions/0016-the-short-way.md.
    if (weight !== undefined || cell < HEADER || cell >= cells.length) return this.#recordUnusual(value, weight);
    cells[cell] = (cells[cell] as number) + 1;
    cells[COUNT] = (cells[COUNT] as number) + 1;
    cells[SUM] = (cells[SUM] as number) + value;
    if (value > (cells[MAX] as number)) cells[MAX] = value;
  }

  /** Records the first `count` of the values (default, and at most: all) as so many calls of {@link record} would, in less time. */
  recordAll(values: Float64Array, count = values.length): void {
    const end = Math.floor(Math.min(count, values.length));
    for (let next = 0; next < end; next++) {
      next = this.#recordUsual(values, next, end);
      if (next < end) this.#recordUnusual(values[next] as number);
    }
  }

  /** How many values were recorded, by weight. */
  get count(): number {
    return this.#get(COUNT);
  }

  /** The sum of all values, each by its weight, as floating-point addition has it. */
  get sum(): number {
    return this.#get(SUM);
  }

  /** The largest value, exact; 0 when there is none. */
  get max(): number {
    return this.#get(MAX);
  }

  /** `sum / count`; 0 when nothing was recorded. */
  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** How many records were turned away because value or weight made no sense. */
  get rejected(): number {
    return this.#get(REJECTED);
  }

  /**
   * The least recorded value that at least the share `q` of all does not exceed, ±0.8 %; `quantile(1)` is `max`.
   *
   * @throws AssertionError when `q` is not from 0 to 1
   */
  quantile(q: number): number {
    assert(q >= 0 && q <= 1, 'a quantile is from 0 to 1');
    if (q === 1 || this.count === 0) return this.max;
    const rank = q * this.count * ROUNDING;
    let seen = this.#get(ZEROES);
    if (seen > rank) return 0;
    for (let cell = HEADER; cell < this.#cells.length; cell++) {
      seen += this.#get(cell);
      if (seen > rank) return Math.min(middleOf(this.#base + cell), this.max);
    }
    return this.max;
  }

  /** Count, sum, mean, three quantiles and the maximum at once. */
  summary(): HistogramSummary {
    const { count, sum, mean, max } = this;
    return { count, sum, mean, p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99), max };
  }

  /** How many values were at most each of the ascending bounds. One that is above by less than 1.6 %, or below 2^-20, may count. */
  countsUpTo(bounds: readonly number[]): number[] {
    let seen = 0;
    let cell = HEADER;
    return bounds.map((bound) => {
      for (; cell < this.#cells.length && startOf(this.#base + cell) <= bound; cell++) seen += this.#get(cell);
      return bound >= 0 ? this.#get(ZEROES) + seen : 0;
    });
  }

  /** Adds everything that the other histogram holds; the other stays as it is. */
  merge(other: Histogram): void {
    const max = Math.max(this.max, other.max);
    for (const [bucket, count] of other.#filled()) increase(this.#covering(bucket), bucket - this.#base, count);
    const cells = this.#ownCells();
    for (let cell = 0; cell < HEADER; cell++) increase(cells, cell, other.#get(cell));
    cells[MAX] = max;
  }

  /** Another histogram with the same contents, which goes its own way from now on. */
  copy(): Histogram {
    const copy = new Histogram();
    copy.#cells = this.#cells === NOTHING ? NOTHING : this.#cells.slice();
    copy.#base = this.#base;
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
    if (this.#get(ZEROES) > 0) buckets.unshift(Object.freeze([0, this.#get(ZEROES)] as const));
    return Object.freeze({ ...this.summary(), rejected: this.rejected, buckets: Object.freeze(buckets) });
  }

  /** Records from `first` on up to a value that has no cell yet, and answers where that stands; `end` where there is none. */
  #recordUsual(values: Float64Array, first: number, end: number): number {
    const cells = this.#cells;
    let sum = cells[SUM] as number;
    let max = cells[MAX] as number;
    let next = first;
    for (; next < end; next++) {
      const value = values[next] as number;
      const cell = bucketOf(value) - this.#base;
      if (cell < HEADER || cell >= cells.length) break;
      cells[cell] = (cells[cell] as number) + 1;
      sum += value;
      if (value > max) max = value;
    }
    cells[COUNT] = (cells[COUNT] as number) + (next - first);
    cells[SUM] = sum;
    cells[MAX] = max;
    return next;
  }

  #recordUnusual(value: number, weight = 1): void {
    const isNumber = typeof value === 'number' && typeof weight === 'number';
    if (!(isNumber && value >= 0 && weight > 0 && weight <= LARGEST)) return increase(this.#ownCells(), REJECTED, 1);
    const counted = Math.min(value, LARGEST);
    this.#put(counted, weight);
    increase(this.#cells, COUNT, weight);
    increase(this.#cells, SUM, counted * weight);
    this.#cells[MAX] = Math.max(this.max, counted);
  }

  #put(value: number, weight: number): void {
    if (value < SMALLEST) return increase(this.#ownCells(), ZEROES, weight);
    const bucket = Math.min(bucketOf(value), LAST_BUCKET);
    increase(this.#covering(bucket), bucket - this.#base, weight);
  }

  #get(cell: number): number {
    return this.#cells[cell] as number;
  }

  #filled(): [bucket: number, count: number][] {
    const filled: [number, number][] = [];
    for (let cell = HEADER; cell < this.#cells.length; cell++) {
      if (this.#get(cell) > 0) filled.push([this.#base + cell, this.#get(cell)]);
    }
    return filled;
  }

  #ownCells(): Float64Array {
    if (this.#cells === NOTHING) this.#cells = new Float64Array(HEADER);
    return this.#cells;
  }

  /** The cells, grown if need be to have one for the bucket. */
  #covering(bucket: number): Float64Array {
    const cells = this.#ownCells();
    const first = this.#base + HEADER;
    const end = this.#base + cells.length;
    if (bucket >= first && bucket < end) return cells;
    const wider = widen({ first, end }, bucket);
    const grown = new Float64Array(HEADER + wider.end - wider.first);
    grown.set(cells.subarray(0, HEADER));
    if (end > first) grown.set(cells.subarray(HEADER), HEADER + first - wider.first);
    this.#cells = grown;
    this.#base = wider.first - HEADER;
    return grown;
  }

  /** False when the other is no earlier copy, and then this one is spoilt. */
  #subtract(earlier: Histogram): boolean {
    const cells = this.#ownCells();
    const hasNewMax = this.max > earlier.max;
    for (const [bucket, count] of earlier.#filled()) {
      const left = (cells[bucket - this.#base] ?? -1) - count;
      if (bucket - this.#base < HEADER || left < 0) return false;
      cells[bucket - this.#base] = left;
    }
    for (const cell of [COUNT, SUM, ZEROES, REJECTED]) {
      increase(cells, cell, -earlier.#get(cell));
      if (this.#get(cell) < 0) return false;
    }
    const highest = this.#filled().at(-1);
    if (!hasNewMax) cells[MAX] = highest === undefined ? 0 : Math.min(this.max, middleOf(highest[0]));
    return true;
  }
}

function increase(cells: Float64Array, cell: number, by: number): void {
  cells[cell] = (cells[cell] as number) + by;
}
