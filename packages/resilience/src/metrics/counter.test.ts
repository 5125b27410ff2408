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
  for (const amount of [-1, -Number.MIN_VALUE, Number.NaN, Infinity, -Infinity]) {
    expect(() => counter.add(amount)).toThrow(AssertionError);
  }
  expect(counter.value).toBe(7);
});
