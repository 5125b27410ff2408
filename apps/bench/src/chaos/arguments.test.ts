import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

test('without a word, everything is tried on both databases for twelve seconds', () => {
  expect(readArguments([])).toEqual({
    databases: ['postgres', 'mariadb'],
    faults: undefined,
    contenders: undefined,
    windowMs: 12_000,
    json: false,
  });
});

test('a database, faults, contenders and a time are taken', () => {
  expect(readArguments(['mariadb', '--fault', 'reset,full', '--contender', 'cryo,mysql2', '--seconds', '20'])).toEqual({
    databases: ['mariadb'],
    faults: ['reset', 'full'],
    contenders: ['cryo', 'mysql2'],
    windowMs: 20_000,
    json: false,
  });
});

test.each([
  [['oracle'], /The database is 'oracle'/],
  [['postgres', 'mariadb'], /'mariadb' is too much/],
  [['--fault', 'flood'], /The fault is 'flood', expected one of terminate/],
  [['postgres', '--contender', 'mysql2'], /The contender is 'mysql2', expected one of cryo, pg-pool/],
  [['--seconds', '5'], /--seconds is '5', expected an integer from 6 to 600/],
  [['--second', '9'], /usage: pnpm chaos/],
])('%j is refused in one line that says why', (given, words) => {
  const reason = readArguments(given);
  expect(reason).toMatch(words);
  expect(String(reason).split('\n')).toHaveLength(1);
});
