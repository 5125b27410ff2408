import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketOf, FIRST_BUCKET, LARGEST, LAST_BUCKET, middleOf, SMALLEST, startOf, widen } from './buckets.ts';

const inRange = fc.double({ min: SMALLEST, max: LARGEST, maxExcluded: true, noNaN: true });

describe('A bucket', () => {
  test('holds every number from its start up to the start of the next.', () => {
    fc.assert(
      fc.property(inRange, (value) => {
        const bucket = bucketOf(value);
        expect(startOf(bucket)).toBeLessThanOrEqual(value);
        expect(startOf(bucket + 1)).toBeGreaterThan(value);
      }),
    );
  });

  test('is stood for by its middle, at most 1/128 from anything in it.', () => {
    fc.assert(
      fc.property(inRange, (value) => {
        expect(Math.abs(middleOf(bucketOf(value)) - value)).toBeLessThanOrEqual(value / 128);
      }),
    );
  });

  test('is one of 64 of the same width in each doubling.', () => {
    for (let exponent = -20; exponent < 53; exponent++) {
      const first = bucketOf(2 ** exponent);
      expect(startOf(first)).toBe(2 ** exponent);
      expect(bucketOf(2 ** (exponent + 1)) - first).toBe(64);
      expect(startOf(first + 1) - startOf(first)).toBe(2 ** exponent / 64);
    }
  });

  test('lies within the first and the last exactly when the number is in the range.', () => {
    for (const value of [SMALLEST, 1, LARGEST - 1]) {
      expect(bucketOf(value)).toBeGreaterThanOrEqual(FIRST_BUCKET);
      expect(bucketOf(value)).toBeLessThanOrEqual(LAST_BUCKET);
    }
    for (const value of [0, SMALLEST * (1 - 2 ** -52)]) expect(bucketOf(value)).toBeLessThan(FIRST_BUCKET);
    for (const value of [LARGEST, Infinity, Number.NaN, -Number.NaN, -0, -SMALLEST, -1, -Infinity]) {
      expect(bucketOf(value)).toBeGreaterThan(LAST_BUCKET);
    }
  });
});

describe('A range of buckets', () => {
  const bucket = fc.integer({ min: FIRST_BUCKET, max: LAST_BUCKET });

  test('widens to whole doublings around what it must hold, keeps what it held, and never leaves the range.', () => {
    fc.assert(
      fc.property(fc.array(bucket, { minLength: 1, maxLength: 20 }), (buckets) => {
        const somewhere = buckets.at(-1) as number;
        let range = { first: somewhere, end: somewhere };
        for (const each of buckets) {
          const wider = widen(range, each);
          expect(each >= wider.first && each < wider.end).toBe(true);
          if (range.first !== range.end) {
            expect(wider.first <= range.first && wider.end >= range.end).toBe(true);
          }
          expect([wider.first % 64, wider.end % 64]).toEqual([0, 0]);
          expect(wider.first).toBeGreaterThanOrEqual(FIRST_BUCKET);
          expect(wider.end).toBeLessThanOrEqual(LAST_BUCKET + 1);
          range = wider;
        }
      }),
    );
  });

  test('stays as it is when it holds the bucket already.', () => {
    const range = widen({ first: 0, end: 0 }, bucketOf(5));
    expect(widen(range, bucketOf(7))).toEqual(range);
  });
});
