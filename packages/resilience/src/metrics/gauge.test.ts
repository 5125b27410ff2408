import { expect, test } from 'vitest';
import { Gauge } from './gauge.ts';

test('A gauge begins at 0, is set, and moves up and down.', () => {
  const gauge = new Gauge();
  expect(gauge.value).toBe(0);
  gauge.set(10);
  gauge.add(5);
  gauge.add(-12);
  expect(gauge.value).toBe(3);
});

test('A gauge that follows a function reads it each time, and what the function throws reaches the reader.', () => {
  const gauge = new Gauge();
  let queued = 1;
  gauge.follow(() => queued);
  expect(gauge.value).toBe(1);
  queued = 2;
  expect(gauge.value).toBe(2);
  gauge.follow(() => {
    throw new Error('gone');
  });
  expect(() => gauge.value).toThrow('gone');
});

test('Setting a gauge ends its following, and adding goes on from where the function was.', () => {
  const gauge = new Gauge();
  gauge.follow(() => 40);
  gauge.add(2);
  expect(gauge.value).toBe(42);
  gauge.follow(() => 1);
  gauge.set(7);
  expect(gauge.value).toBe(7);
});
