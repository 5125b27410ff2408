import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionError } from '../assert.ts';
import { Histogram } from './histogram.ts';
import type { HistogramReading } from './reading.ts';

const EMPTY = { count: 0, sum: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 };

/** Numbers as they occur: zeroes, the limits of the range, round ones, and anything between. */
const measurement = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** -20, 2 ** -21, 1, 1_000, 2 ** 53 - 1, 2 ** 53) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 10_000 }) },
  { weight: 4, arbitrary: fc.double({ min: 0, max: 2 ** 53, noNaN: true }) },
  { weight: 4, arbitrary: fc.double({ min: -30, max: 53, noNaN: true }).map((exponent) => 2 ** exponent) },
);
const measurements = fc.array(measurement, { minLength: 1, maxLength: 200, size: 'large' });
const share = fc.oneof(fc.constantFrom(0, 0.5, 0.95, 0.99, 1), fc.double({ min: 0, max: 1, noNaN: true }));

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

function mergeAll(histograms: readonly Histogram[]): Histogram {
  const merged = new Histogram();
  for (const histogram of histograms) merged.merge(histogram);
  return merged;
}

/** The least value that at least the share q of all does not exceed. */
function exactQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(q * sorted.length * (1 - 1e-12)) - 1)] as number;
}

function expectWithinTolerance(approximate: number, exact: number): void {
  expect(Math.abs(approximate - exact)).toBeLessThanOrEqual(Math.max(exact / 128, 2 ** -20));
}

describe('An empty histogram', () => {
  test('says 0 to every question.', () => {
    const histogram = new Histogram();
    expect(histogram.summary()).toEqual(EMPTY);
    expect([histogram.quantile(0), histogram.quantile(1), histogram.rejected]).toEqual([0, 0, 0]);
    expect(histogram.countsUpTo([0, 1, Infinity])).toEqual([0, 0, 0]);
    expect(histogram.read()).toEqual({ ...EMPTY, rejected: 0, buckets: [] });
  });

  test('stays empty and its own when copied, merged and compared with others like it.', () => {
    const histogram = new Histogram();
    histogram.merge(new Histogram());
    const copy = histogram.copy();
    copy.record(5);
    expect(histogram.since(new Histogram()).summary()).toEqual(EMPTY);
    expect(histogram.summary()).toEqual(EMPTY);
    expect(new Histogram().summary()).toEqual(EMPTY);
  });
});

describe('Recording', () => {
  test('keeps count and max exactly, and sum and mean as floating-point addition has them, also of many at once.', () => {
    const histogram = histogramOf([1, 2.5, 0, 1_000]);
    expect(histogram).toMatchObject({ count: 4, sum: 1_003.5, mean: 250.875, max: 1_000 });
    expect(histogramOf(Array.from({ length: 10 }, () => 0.1)).sum).toBe(0.9999999999999999);
    const many = new Histogram();
    many.recordAll(Float64Array.of(1, 2, 3));
    expect(many).toMatchObject({ count: 3, sum: 6, mean: 2, max: 3 });
  });

  test('any quantile is within 0.8 % of the exact one, or within a nanosecond of it near 0.', () => {
    fc.assert(
      fc.property(measurements, share, (values, q) => {
        expectWithinTolerance(histogramOf(values).quantile(q), exactQuantile(values, q));
      }),
      { numRuns: 500 },
    );
  });

  test('quantiles rise with the share, never above the maximum, which is the last of them.', () => {
    fc.assert(
      fc.property(measurements, share, share, (values, one, other) => {
        const histogram = histogramOf(values);
        const lower = histogram.quantile(Math.min(one, other));
        expect(lower).toBeLessThanOrEqual(histogram.quantile(Math.max(one, other)));
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(histogram.quantile(1)).toBe(Math.max(...values));
      }),
    );
  });

  test('a value with a weight is the value that many times.', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(measurement, fc.integer({ min: 1, max: 9 }))), (pairs) => {
        const weighted = new Histogram();
        const repeated = new Histogram();
        for (const [value, weight] of pairs) {
          weighted.record(value, weight);
          for (let time = 0; time < weight; time++) repeated.record(value);
        }
        const { sum, mean, ...rest } = weighted.read();
        const { sum: repeatedSum, mean: repeatedMean, ...repeatedRest } = repeated.read();
        expect(rest).toEqual(repeatedRest);
        expect(Math.abs(sum - repeatedSum)).toBeLessThanOrEqual(repeatedSum * 1e-12);
        expect(Math.abs(mean - repeatedMean)).toBeLessThanOrEqual(repeatedMean * 1e-12);
      }),
    );
  });

  test('many values at once are each of them, one after another, also those that are 0, too large or make no sense.', () => {
    const odd = fc.constantFrom(0, -0, -1, Number.NaN, 2 ** 60, Infinity, 1e-9);
    const batches = fc.array(fc.array(fc.oneof(measurement, odd), { maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(batches, fc.oneof(fc.nat(50), fc.constantFrom(2.5, Infinity)), (all, most) => {
        const histogram = new Histogram();
        for (const batch of all) histogram.recordAll(Float64Array.from(batch), most);
        expect(histogram.read()).toEqual(histogramOf(all.flatMap((batch) => batch.slice(0, most))).read());
        for (const batch of all) histogram.recordAll(Float64Array.from(batch));
        expect(histogram.count + histogram.rejected).toBe(
          all.reduce((sum, batch) => sum + batch.length + Math.floor(Math.min(most, batch.length)), 0),
        );
      }),
    );
  });

  test('many values that are turned away leave a count with a fraction as it was.', () => {
    const histogram = new Histogram();
    histogram.record(1, 0.3);
    const before = histogram.copy();
    histogram.recordAll(Float64Array.of(-1, Number.NaN, -1));
    expect(histogram.count).toBe(0.3);
    expect(histogram.since(before)).toMatchObject({ count: 0, sum: 0 });
  });

  test('what makes no sense is turned away, counted, and changes nothing else.', () => {
    const histogram = histogramOf([5]);
    const before = histogram.summary();
    for (const value of [Number.NaN, -1, -Number.MIN_VALUE, -Infinity]) histogram.record(value);
    for (const weight of [0, -1, Number.NaN, Infinity]) histogram.record(5, weight);
    expect(histogram.summary()).toEqual(before);
    expect(histogram.rejected).toBe(8);
  });

  test('what is no number is turned away, whether its place has been seen or not.', () => {
    const strange = [5n, '5', '7', null, true, Symbol('5'), { valueOf: () => 5 }, undefined] as unknown as number[];
    for (const histogram of [new Histogram(), histogramOf([5])]) {
      const before = histogram.summary();
      for (const value of strange) histogram.record(value);
      for (const weight of strange.slice(0, -1)) histogram.record(5, weight);
      expect(histogram.summary()).toEqual(before);
      expect(histogram.rejected).toBe(15);
    }
  });

  test('many values at once that are no numbers are turned away among those that are.', () => {
    const histogram = new Histogram();
    histogram.recordAll([1, '1', 5n, 3, '2', 2] as unknown as Float64Array);
    expect(histogram).toMatchObject({ count: 3, sum: 6, max: 3, rejected: 3 });
  });

  test('a weight beyond 2^53 is turned away, so that count, sum and mean stay finite.', () => {
    const histogram = new Histogram();
    histogram.record(1, 2 ** 53);
    for (const weight of [2 ** 54, 1e308, 1e308]) histogram.record(1, weight);
    expect(histogram).toMatchObject({ count: 2 ** 53, sum: 2 ** 53, mean: 1, rejected: 3 });
  });

  test('what makes no sense is turned away by a histogram that is still empty too, and by no other.', () => {
    const histogram = histogramOf([Number.NaN]);
    expect(histogram.read()).toEqual({ ...EMPTY, rejected: 1, buckets: [] });
    expect(new Histogram().rejected).toBe(0);
  });

  test('minus zero is zero.', () => {
    expect(histogramOf([-0]).read()).toMatchObject({ count: 1, rejected: 0, buckets: [[0, 1]] });
  });

  test('whatever is larger than 2^53 counts as 2^53, Infinity included, so that no sum is lost.', () => {
    const histogram = histogramOf([2 ** 53, 2 ** 53 * 1.001, 2 ** 60, Number.MAX_VALUE, Infinity]);
    expect(histogram).toMatchObject({ count: 5, sum: 5 * 2 ** 53, max: 2 ** 53, rejected: 0 });
    expectWithinTolerance(histogram.quantile(0.5), 2 ** 53);
  });

  test('counts beyond 2^32 are not lost.', () => {
    const histogram = new Histogram();
    histogram.record(3, 2 ** 40);
    histogram.record(3);
    expect(histogram.count).toBe(2 ** 40 + 1);
  });

  test('a whole rank stays whole: the 7 % quantile of a hundred values is the seventh.', () => {
    const histogram = histogramOf(Array.from({ length: 100 }, (_, index) => index + 1));
    expectWithinTolerance(histogram.quantile(0.07), 7);
  });

  test('a share outside 0 to 1 is a bug of the caller.', () => {
    for (const q of [-0.01, 1.01, 95, Number.NaN]) expect(() => new Histogram().quantile(q)).toThrow(AssertionError);
  });
});

describe('Merging', () => {
  test('is recording everything into one.', () => {
    fc.assert(
      fc.property(measurements, measurements, (one, other) => {
        const merged = histogramOf(one);
        const second = histogramOf(other);
        const secondBefore = second.read();
        merged.merge(second);
        const { sum, mean, ...rest } = merged.read();
        const { sum: allSum, mean: allMean, ...all } = histogramOf([...one, ...other]).read();
        expect(rest).toEqual(all);
        expect(Math.abs(sum - allSum)).toBeLessThanOrEqual(allSum * 1e-12);
        expect(Math.abs(mean - allMean)).toBeLessThanOrEqual(allMean * 1e-12);
        expect(second.read()).toEqual(secondBefore);
      }),
    );
  });

  test('comes to the same in whatever order and grouping.', () => {
    const lists = fc.tuple(measurements, fc.array(measurement), measurements);
    fc.assert(
      fc.property(lists, ([one, other, third]) => {
        const all = [one, other, third].map(histogramOf) as [Histogram, Histogram, Histogram];
        const [first, second, last] = all;
        const orders = [all, [last, second, first], [second, first, last], [first, mergeAll([second, last])]];
        const [{ sum, mean: _mean, ...expected }, ...others] = orders.map((order) => mergeAll(order).read()) as [
          HistogramReading,
          ...HistogramReading[],
        ];
        for (const { sum: otherSum, mean: _otherMean, ...rest } of others) {
          expect(rest).toEqual(expected);
          expect(Math.abs(otherSum - sum)).toBeLessThanOrEqual(sum * 1e-12);
        }
      }),
    );
  });

  test('with an empty histogram changes nothing, on either side.', () => {
    const values = [0, 0.5, 1_000_000];
    const left = histogramOf(values);
    left.merge(new Histogram());
    const right = new Histogram();
    right.merge(histogramOf(values));
    expect(left.read()).toEqual(histogramOf(values).read());
    expect(right.read()).toEqual(histogramOf(values).read());
  });

  test('with itself doubles it.', () => {
    const histogram = histogramOf([0, 3, 4_000]);
    histogram.merge(histogram);
    expect(histogram).toMatchObject({ count: 6, sum: 8_006, max: 4_000 });
    expect(histogram.countsUpTo([0, 3, 5_000])).toEqual([2, 4, 6]);
  });

  test('adds what either turned away.', () => {
    const histogram = histogramOf([Number.NaN]);
    histogram.merge(histogramOf([-1, 2]));
    expect(histogram).toMatchObject({ rejected: 2, count: 1 });
  });
});

describe('A copy', () => {
  test('holds the same and goes its own way.', () => {
    const original = histogramOf([1, 50, 0]);
    const copy = original.copy();
    expect(copy.read()).toEqual(original.read());
    original.record(7);
    copy.record(1e9);
    expect([original.count, original.max, copy.count, copy.max]).toEqual([4, 50, 4, 1e9]);
  });
});

describe('The change since a copy', () => {
  test('is what was recorded after it: the same buckets and count, the sum to rounding, the maximum within 0.8 %.', () => {
    fc.assert(
      fc.property(fc.array(measurement), fc.array(measurement), (before, after) => {
        const histogram = histogramOf(before);
        const earlier = histogram.copy();
        for (const value of after) histogram.record(value);
        const change = histogram.since(earlier).read();
        const expected = histogramOf(after).read();
        expect([change.count, change.rejected, change.buckets]).toEqual([expected.count, 0, expected.buckets]);
        expect(Math.abs(change.sum - expected.sum)).toBeLessThanOrEqual(histogram.sum * 1e-12);
        expectWithinTolerance(change.max, expected.max);
      }),
    );
  });

  test('has the exact maximum when it is a new one.', () => {
    const histogram = histogramOf([10]);
    const earlier = histogram.copy();
    histogram.record(123.456);
    expect(histogram.since(earlier).max).toBe(123.456);
  });

  test('is nothing when nothing happened, and says 0 to every question.', () => {
    const histogram = histogramOf([0, 10, Number.NaN]);
    expect(histogram.since(histogram.copy()).read()).toEqual({ ...EMPTY, rejected: 0, buckets: [] });
  });

  test('of only zeroes has a maximum of 0, whatever was before.', () => {
    const histogram = histogramOf([10]);
    const earlier = histogram.copy();
    histogram.record(0);
    expect(histogram.since(earlier)).toMatchObject({ count: 1, max: 0 });
  });

  test('counts what was turned away since.', () => {
    const histogram = histogramOf([Number.NaN]);
    const earlier = histogram.copy();
    histogram.record(-1);
    expect(histogram.since(earlier)).toMatchObject({ count: 0, rejected: 1 });
  });

  test('is everything when there is no earlier copy, or when the earlier one holds what this one does not.', () => {
    const histogram = histogramOf([1, 2]);
    for (const earlier of [
      undefined,
      histogramOf([500]),
      histogramOf([2, 2]),
      histogramOf([0]),
      histogramOf([Number.NaN]),
    ]) {
      expect(histogram.since(earlier).read()).toEqual(histogram.read());
    }
  });

  test('is everything too when what the earlier one holds lies just below the range of this one.', () => {
    const histogram = histogramOf([1, 1, 1]);
    for (let below = 1; below <= 6; below++) {
      const earlier = histogramOf([0.25 - (below - 0.5) * (0.125 / 64)]);
      expect(histogram.since(earlier).read()).toEqual(histogram.read());
    }
  });

  test('leaves both as they were.', () => {
    const histogram = histogramOf([1, 2, 0]);
    const earlier = histogramOf([1]);
    const [now, before] = [histogram.read(), earlier.read()];
    histogram.since(earlier).record(9);
    expect([histogram.read(), earlier.read()]).toEqual([now, before]);
  });
});

describe('Counts up to bounds', () => {
  test('are what lies at or below each, and at most what lies 1.6 % above it: exact for Prometheus to that.', () => {
    const bounds = fc.array(measurement, { maxLength: 12 }).map((list) => list.toSorted((one, other) => one - other));
    fc.assert(
      fc.property(measurements, bounds, (values, limits) => {
        const counts = histogramOf(values).countsUpTo(limits);
        for (const [index, limit] of limits.entries()) {
          const count = counts[index] as number;
          expect(count).toBeGreaterThanOrEqual(values.filter((value) => value <= limit).length);
          const slack = Math.max(limit * (1 + 1 / 64), 2 ** -20);
          expect(count).toBeLessThanOrEqual(values.filter((value) => value <= slack).length);
        }
      }),
    );
  });

  test('count everything at Infinity and nothing below 0.', () => {
    expect(histogramOf([0, 1, 2 ** 53]).countsUpTo([-1, 0, Infinity])).toEqual([0, 1, 3]);
  });
});

describe('A reading', () => {
  test('survives JSON: a histogram made from it is the same in every answer, and so is the change since it.', () => {
    fc.assert(
      fc.property(measurements, fc.array(measurement), (before, after) => {
        const histogram = histogramOf(before);
        const sent: HistogramReading = JSON.parse(JSON.stringify(histogram.read()));
        expect(Histogram.from(sent).read()).toEqual(histogram.read());
        const copy = histogram.copy();
        for (const value of after) histogram.record(value);
        expect(histogram.since(Histogram.from(sent)).read()).toEqual(histogram.since(copy).read());
      }),
    );
  });

  test('that is none makes no histogram.', () => {
    for (const wrong of [null, undefined, {}, { ...histogramOf([5]).read(), sum: null }, { buckets: [] }, 'count']) {
      expect(() => Histogram.from(wrong as never)).toThrow(AssertionError);
    }
  });

  test('is frozen through and through, and does not move when the histogram does.', () => {
    const histogram = histogramOf([0, 5]);
    const reading = histogram.read();
    histogram.record(1_000);
    expect(reading).toMatchObject({
      count: 2,
      max: 5,
      buckets: [
        [0, 1],
        [5, 1],
      ],
    });
    expect([reading, reading.buckets, ...reading.buckets].every(Object.isFrozen)).toBe(true);
  });
});
