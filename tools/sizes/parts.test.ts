import { expect, test } from 'vitest';
import { BUNDLES, weigh } from './bundles.ts';
import { partsOf } from './parts.ts';

test('Every byte of a file is in one part, and what is in none is shown.', () => {
  const files = new Map([
    ['breaker/state.js', 5],
    ['breaker/options.js', 7],
    ['options.js', 11],
    ['errors/invalid-options.js', 13],
    ['errors/refused.js', 17],
    ['surprise.js', 19],
  ]);
  const parts = partsOf(files);
  expect([...parts.values()].filter((bytes) => bytes > 0)).toEqual([5, 31, 17, 19]);
  expect(parts.get('the rest')).toBe(19);
});

test('Nothing of the bundle whose parts are shown is in none of them.', async () => {
  const [first] = BUNDLES;
  if (first === undefined) throw new Error('there are bundles');
  expect(partsOf((await weigh(first)).files).has('the rest')).toBe(false);
});
