import { expect, test } from 'vitest';
import { readSoakArguments } from './arguments.ts';

test('three minutes of the simulated driver are soaked unless something else is said', () => {
  expect(readSoakArguments([])).toEqual({ minutes: 3, database: 'simulated', output: 'text' });
  expect(readSoakArguments(['--minutes', '0.5', '--database', 'mysql', '--json'])).toEqual({
    ...{ minutes: 0.5, database: 'mysql', output: 'json' },
  });
});

test.each([
  [['--database', 'oracle'], "--database is 'oracle', expected one of simulated, postgres, mysql"],
  [['--minutes', '0'], "--minutes is '0', expected a number above 0"],
  [['--minute', '1'], '--minute'],
  [['postgres'], 'postgres'],
])('%j is refused in one line that says why', (given, words) => {
  const reason = readSoakArguments(given);
  expect(reason).toContain(words);
  expect(reason).toContain('usage: pnpm soak');
  expect(String(reason).split('\n')).toHaveLength(1);
});
