import { expect, test } from 'vitest';
import { QuantileDelay } from './hedge-delay.ts';

const GENERATION = 1_000;
/** After so many more the quantile is looked for again. */
const NEXT_LOOK = 32;

function measure(delay: QuantileDelay, durationMs: number, times: number): void {
  for (let time = 0; time < times; time++) delay.measured(durationMs);
}

test('A delay is found among the last thousand durations still when a new thousand has begun, and no more in the next.', () => {
  const delay = new QuantileDelay(0.25, 10);
  measure(delay, 10, GENERATION);
  measure(delay, 100, NEXT_LOOK);
  expect(Math.abs(delay.ms - 10)).toBeLessThan(0.1);
  measure(delay, 100, GENERATION - NEXT_LOOK);
  measure(delay, 100, NEXT_LOOK);
  expect(Math.abs(delay.ms - 100)).toBeLessThan(1);
});

test('A delay that wants more than a thousand durations is none until it has them all.', () => {
  const delay = new QuantileDelay(0.5, 1_500);
  measure(delay, 10, 1_499);
  expect(delay.ms).toBe(Infinity);
  measure(delay, 10, 1);
  expect(Math.abs(delay.ms - 10)).toBeLessThan(0.1);
});
