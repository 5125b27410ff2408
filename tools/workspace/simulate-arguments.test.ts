import { expect, test } from 'vitest';
import { readArguments, USAGE } from './simulate-arguments.ts';

const read = (...given: string[]) => readArguments(given, () => 4_711);

test('every flag may be left out, and then the seed is drawn', () => {
  expect(read()).toEqual({ runs: 1_000, seed: 4_711, steps: 200 });
});

test('every flag may be given, in both spellings', () => {
  expect(read('--runs', '10', '--seed=0', '--steps', '5')).toEqual({ runs: 10, seed: 0, steps: 5 });
});

test.each(['0', '-1', '1.5', 'many', '', '1e3', '999999999999'])(
  'a number of runs of %o is refused in one line',
  (runs) => {
    const answer = read(`--runs=${runs}`);
    expect(answer).toBe(`--runs is '${runs}', expected an integer from 1 to 100000000 (${USAGE})`);
  },
);

test('an unknown flag and a stray word are refused in one line', () => {
  for (const given of ['--sed', 'seed']) {
    expect(read(given)).toContain(given);
    expect(read(given)).not.toContain('\n');
  }
});
