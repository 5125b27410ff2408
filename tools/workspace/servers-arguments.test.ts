import { expect, test } from 'vitest';
import { readServerNames } from './servers-arguments.ts';

test('both servers are started when none is named', () => {
  expect(readServerNames([])).toEqual(['postgres', 'mariadb']);
});

test('only the named one is started', () => {
  expect(readServerNames(['mariadb'])).toEqual(['mariadb']);
});

test('a name that is none is refused, with those there are', () => {
  expect(readServerNames(['oracle', 'postgres'])).toBe(
    "'oracle' is unknown (usage: pnpm servers [postgres] [mariadb])",
  );
});
