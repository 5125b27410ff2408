import { expect, test } from 'vitest';
import { quantile, ratiosByRound, spreadOf } from './statistics.ts';

test('the median of an odd number of values is the middle one, of an even number the mean of the middle two', () => {
  expect(quantile([9, 1, 5], 0.5)).toBe(5);
  expect(quantile([9, 1, 5, 7], 0.5)).toBe(6);
});

test('quartiles lie between neighbours in proportion', () => {
  expect(spreadOf([1, 2, 3, 4, 5])).toEqual({ lower: 2, median: 3, upper: 4 });
  expect(spreadOf([4, 3, 2, 1])).toEqual({ lower: 1.75, median: 2.5, upper: 3.25 });
});

test('one value is its own median and its own quartiles, and nothing has none', () => {
  expect(spreadOf([7])).toEqual({ lower: 7, median: 7, upper: 7 });
  expect(quantile([], 0.5)).toBeNaN();
});

test('the order of the values given is left as it was', () => {
  const values = [3, 1, 2];
  quantile(values, 0.5);
  expect(values).toEqual([3, 1, 2]);
});

test('a round in which everything was slow changes no ratio', () => {
  expect(ratiosByRound([20, 200, 20], [10, 100, 10])).toEqual([2, 2, 2]);
});

test('ratios are refused when a round of one side has no counterpart', () => {
  expect(() => ratiosByRound([1, 2], [1])).toThrow('2 rounds cannot be compared with 1');
});
