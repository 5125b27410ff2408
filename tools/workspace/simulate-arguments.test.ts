import { expect, test } from 'vitest';
import { readArguments, USAGE } from './simulate-arguments.ts';

const read = (...given: string[]) => readArguments(given, () => 4_711);

const ALONE = { processes: 1, minutes: Number.POSITIVE_INFINITY, only: undefined };

test('a time limit alone leaves the number of runs open', () => {
  const given = read('--minutes', '5', '--from-seed', '9', '--processes=2');
  expect(given).toEqual({ runs: 100_000_000, seed: 9, steps: 200, processes: 2, minutes: 5, only: undefined });
});

test('every flag may be left out, and then the seed is drawn', () => {
  expect(read()).toEqual({ ...ALONE, runs: 1_000, seed: 4_711, steps: 200 });
});

test('every flag may be given, in both spellings', () => {
  expect(read('--runs', '10', '--seed=0', '--steps', '5')).toEqual({ ...ALONE, runs: 10, seed: 0, steps: 5 });
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

test('the steps of a replay are numbers between commas', () => {
  expect(read('--only', '3,14,15')).toMatchObject({ only: [3, 14, 15] });
  expect(read('--only', '3-5')).toContain("--only is '3-5', expected numbers of steps: 3,14,15");
});
