import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

const read = (...given: readonly string[]) => readArguments(given, ['resilience', 'pool-core']);

test('without a flag every property is tried a hundred thousand times, from seeds of their own', () => {
  expect(read()).toEqual({ runs: 100_000, seed: undefined, package: undefined, test: undefined });
});

test('each flag is taken, a negative seed too', () => {
  expect(read('--runs', '5', '--seed=-7', '--package', 'pool-core', '--test', 'A window')).toEqual({
    ...{ runs: 5, seed: -7, package: 'pool-core', test: 'A window' },
  });
});

test.each([
  ['--runs', '0'],
  ['--runs', '1e6'],
  ['--seed', '4294967296'],
])('%s %s is refused with its range', (flag, value) => {
  expect(read(flag, value)).toMatch(new RegExp(`^${flag} is '${value}', expected an integer from .+usage: pnpm`));
});

test('a package that is not there is refused with those that are', () => {
  expect(read('--package', 'pool')).toMatch(/^--package is 'pool', expected one of resilience, pool-core \(usage: /);
});

test('an unknown flag is refused in one line', () => {
  expect(read('--cases', '5')).toMatch(/^Unknown option '--cases'.*\(usage: pnpm properties .*\)$/);
});
