import { expect, test } from 'vitest';
import { comparable } from './measure.ts';
import { slope } from './scenarios/ten-million-leases.ts';

test('figures are compared with the reference of their own group', () => {
  const groups = [
    { bare: [1, 10], cryo: [2, 20] },
    { bare: [5, 5], peer: [20, 10] },
  ];
  expect(comparable(groups)).toEqual([
    { bare: [1, 1], cryo: [2, 2] },
    { bare: [1, 1], peer: [4, 2] },
  ]);
});

test('a group of one alone is compared with the reference that ran before it', () => {
  expect(comparable([{ bare: [2] }, { cryo: [3] }, { peer: [8] }])).toEqual([
    { bare: [1] },
    { cryo: [1.5] },
    { peer: [4] },
  ]);
});

test('growth is the slope of the line closest to all looks, so that one look that is off does not decide', () => {
  expect(slope([5, 5, 5, 5])).toBe(0);
  expect(slope([0, 2, 4, 6])).toBe(2);
  expect(slope([0, 0, 9, 0, 0])).toBeCloseTo(0);
});
