import { expect, test } from 'vitest';
import { AssertionError } from '../assert.ts';
import { Histogram } from './histogram.ts';

test('A histogram made from a reading has every bucket of it, however often its value had occurred.', () => {
  const histogram = new Histogram();
  for (const value of [1, 1, 0]) histogram.record(value, 2 ** 53);
  histogram.record(1_000, 1);
  const again = Histogram.from(JSON.parse(JSON.stringify(histogram.read())));
  expect([again.read(), again.quantile(0.5)]).toEqual([histogram.read(), histogram.quantile(0.5)]);
});

test('What is no reading is refused, whatever its buckets are.', () => {
  const header = { count: 1, sum: 1, max: 1, rejected: 0 };
  for (const buckets of [null, 5, [null], [[1]], [['x', 1]], [[1n, 1n]], [[-1, 1]], [[1, Number.NaN]], new Array(3)]) {
    expect(() => Histogram.from({ ...header, buckets } as never)).toThrow(AssertionError);
  }
});
