import { expect, test } from 'vitest';
import { type FailureContender, failureCost } from './failure-cost.ts';

const costs: Readonly<Record<FailureContender, readonly number[]>> = {
  plain: [1, 10],
  plainFailing: [5, 50],
  succeeding: [2, 20],
  failing: [10, 60],
};

test('the throw is taken off, and what is left compared with what a success costs in that round', () => {
  expect(failureCost((contender) => costs[contender])).toEqual([3, 1]);
});

test('a round that was not measured for all has no figure', () => {
  expect(failureCost((contender) => (contender === 'plain' ? [] : costs[contender]))).toEqual([Number.NaN, Number.NaN]);
});
