import { expect, test } from 'vitest';
import { type Gathered, gather, judge } from './result.ts';

const measured = { name: 'case', title: 'a case', unit: 'bytes', budget: 400 } as const;

test('figures are taken as they are, and told by their median and quartiles', () => {
  expect(judge(measured, { cryo: [300, 310, 320], peer: [1, 1, 1] }).figures).toEqual({
    cryo: { lower: 305, median: 310, upper: 315 },
    peer: { lower: 1, median: 1, upper: 1 },
  });
});

test('a budget is met up to the very figure, missed beyond it, and unjudged where ours is missing', () => {
  expect(judge(measured, { cryo: [400] }).verdict).toBe('met');
  expect(judge(measured, { cryo: [400.1] }).verdict).toBe('missed');
  expect(judge(measured, { peer: [2] }).verdict).toBe('not measured');
});

test('without a budget of its own, ours may cost no more than the best peer, the reference left out', () => {
  const beside = { ...measured, budget: 'best peer' } as const;
  expect(judge(beside, { bare: [1], cryo: [5], worse: [9], best: [5] }).verdict).toBe('met');
  expect(judge(beside, { bare: [1], cryo: [6], worse: [9], best: [5] }).verdict).toBe('missed');
  expect(judge(beside, { bare: [1], cryo: [6] }).verdict).toBe('not measured');
});

test('the figures of a further process stand behind those of the first, each with its subject', () => {
  const gathered: Gathered = {};
  gather(gathered, { bare: [1, 2], cryo: [3, 4] });
  gather(gathered, { bare: [5], cryo: [6], peer: [7] });
  expect(gathered).toEqual({ bare: [1, 2, 5], cryo: [3, 4, 6], peer: [7] });
});
