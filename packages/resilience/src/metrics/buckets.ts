/**
 * Owns the arithmetic of log-linear buckets: which bucket a number falls into, and where a bucket begins.
 * Must never know how often anything fell into one.
 *
 *     float64   0 | exponent, 11 bits | mantissa: first 6 bits | the other 46
 *                 └────── bucket, one integer ───────────────┘
 *
 * Doubles are ordered like their bits, so cutting the mantissa after 6 bits gives consecutive integers: 64 buckets of equal
 * width in each doubling of the value. The middle of a bucket is then at most 1/128 = 0.78 % from anything in it. This is
 * the layout of HdrHistogram (Gil Tene, 2012) and OpenTelemetry's log-linear mapping, read off the number itself.
 */

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);

FLOAT[0] = 1;
const LITTLE_ENDIAN = WORDS[0] === 0;
const HIGH = LITTLE_ENDIAN ? 1 : 0;
const LOW = LITTLE_ENDIAN ? 0 : 1;

const DROPPED_BITS = 20 - 6;

const BUCKETS_PER_DOUBLING = 64;
const SPARE_DOUBLINGS = 2;

/** Numbers below this, about 1 ns in ms, have no bucket: they count as 0. */
export const SMALLEST = 2 ** -20;

/** Numbers above this count as this. */
export const LARGEST = 2 ** 53;

/** The bucket of a number; those that are no numbers from {@link SMALLEST} to {@link LARGEST} fall before or behind all. */
export function bucketOf(value: number): number {
  FLOAT[0] = typeof value === 'number' ? value : 0;
  return (WORDS[HIGH] as number) >>> DROPPED_BITS;
}

/** The least number that falls into the bucket. */
export function startOf(bucket: number): number {
  WORDS[HIGH] = bucket << DROPPED_BITS;
  WORDS[LOW] = 0;
  return FLOAT[0] as number;
}

/** The number that stands for all that fell into the bucket: its middle. */
export function middleOf(bucket: number): number {
  return (startOf(bucket) + startOf(bucket + 1)) / 2;
}

/** The bucket that begins at {@link SMALLEST}. */
export const FIRST_BUCKET = bucketOf(SMALLEST);

/** The bucket that ends at {@link LARGEST}. */
export const LAST_BUCKET = bucketOf(LARGEST) - 1;

/** Consecutive buckets, the end not included. */
export interface BucketRange {
  readonly first: number;
  readonly end: number;
}

/** The range, widened by whole doublings and some to spare until it has the bucket; an empty one begins around the bucket. */
export function widen({ first, end }: BucketRange, bucket: number): BucketRange {
  const isEmpty = first === end;
  const doubling = bucket - (bucket % BUCKETS_PER_DOUBLING);
  const lowest = Math.max(FIRST_BUCKET, doubling - SPARE_DOUBLINGS * BUCKETS_PER_DOUBLING);
  const highest = Math.min(LAST_BUCKET, doubling + (1 + SPARE_DOUBLINGS) * BUCKETS_PER_DOUBLING - 1);
  return {
    first: isEmpty || bucket < first ? lowest : first,
    end: isEmpty || bucket >= end ? highest + 1 : end,
  };
}
