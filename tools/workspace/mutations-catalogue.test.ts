import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MUTATIONS } from './mutations-catalogue.ts';
import { ROOT } from './tool.ts';

const source = join(ROOT, 'packages/pool-core/src');

test.for(MUTATIONS)('the planted bug "$name" still finds its place', ({ file, find, test: caughtBy }) => {
  expect(readFileSync(join(source, file), 'utf8').split(find).length - 1).toBe(1);
  if (caughtBy !== undefined) expect(existsSync(join(source, caughtBy))).toBe(true);
});

test('every promise and every rule has a planted bug, thirty at least', () => {
  const broken = new Set(MUTATIONS.map(({ breaks }) => breaks));
  const promises = Array.from({ length: 12 }, (_, index) => `I${index + 1}`);
  const rules = Array.from({ length: 10 }, (_, index) => `rule ${index + 1}`);
  expect([...promises, ...rules].filter((one) => !broken.has(one))).toEqual([]);
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(30);
});
