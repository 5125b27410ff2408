import { expect, test } from 'vitest';
import { AssertionError } from '../assert.ts';
import { Counter } from './counter.ts';

test('A counter begins at 0 and grows by 1, or by any amount of at least 0.', () => {
  const counter = new Counter();
  expect(counter.value).toBe(0);
  counter.add();
  counter.add(2.5);
  counter.add(0);
  expect(counter.value).toBe(3.5);
});

test('A counter never shrinks and is never spoilt: such an amount throws and changes nothing.', () => {
  const counter = new Counter();
  counter.add(7);
  for (const amount of [-1, -Number.MIN_VALUE, Number.NaN, Infinity, -Infinity, '1', null, 1n, true, [2]]) {
    expect(() => counter.add(amount as number)).toThrow(AssertionError);
  }
  expect(counter.value).toBe(7);
});

test('A counter stays finite: what would take it beyond the largest number throws and changes nothing.', () => {
  const counter = new Counter();
  counter.add(1e308);
  expect(() => counter.add(1e308)).toThrow(AssertionError);
  expect(counter.value).toBe(1e308);
});
