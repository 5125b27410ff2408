import { expect, test } from 'vitest';
import { readLoadArguments } from './arguments.ts';

test('without a word, both databases are loaded for the ordinary time', () => {
  expect(readLoadArguments([], 8)).toEqual({ databases: ['postgres', 'mariadb'], seconds: 8 });
});

test('a database and a time are taken', () => {
  expect(readLoadArguments(['mariadb', '--seconds', '2'], 8)).toEqual({ databases: ['mariadb'], seconds: 2 });
});

test.each([
  [['oracle'], /The database is 'oracle', expected one of postgres, mariadb/],
  [['--seconds', '0'], /--seconds is '0', expected an integer from 1 to 600/],
  [['--second', '1'], /usage: pnpm load/],
])('%j is refused with the reason', (given, words) => {
  expect(readLoadArguments(given, 8)).toMatch(words);
});
