import { expect, test } from 'vitest';
import { systemRandom } from './random.ts';

test('The system source draws from [0, 1) and does not repeat itself.', () => {
  const draws = Array.from({ length: 1_000 }, systemRandom);
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  expect(new Set(draws).size).toBeGreaterThan(900);
});
