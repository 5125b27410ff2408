import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidOptionsError } from './errors.ts';
import type { NumberRange } from './option-rules.ts';
import { OptionCheck } from './options.ts';

function faultsOf(run: (check: OptionCheck) => void): readonly { path: string; value: unknown; expected: string }[] {
  const check = new OptionCheck('subject');
  run(check);
  return check.faults;
}

describe('A number', () => {
  const range: NumberRange = { min: 1, max: 10, unit: 'ms' };

  test.each([
    [range, [1, 5.5, 10], [0.999, 10.001, -1, Infinity, -Infinity]],
    [{ above: 0, unit: 'ms' }, [Number.MIN_VALUE, 1], [0, -0, -1, Infinity]],
    [{ above: 0, max: 1, unit: '' }, [0.5, 1], [0, 1.5]],
    [{ integer: true, unit: 'retries' }, [-3, 0, 7], [0.5, Infinity]],
    [{ min: 0, infinity: true, integer: true, max: 5, unit: 'uses' }, [0, 5, Infinity], [-Infinity, 6, 1.5]],
    [{ max: 0, unit: 'ms' }, [-5, 0], [0.1]],
  ] as [NumberRange, number[], number[]][])('within %o is judged by every bound.', (bounds, sound, faulty) => {
    for (const value of sound) expect(faultsOf((check) => check.number('it', value, bounds))).toEqual([]);
    for (const value of faulty) expect(faultsOf((check) => check.number('it', value, bounds))).toHaveLength(1);
  });

  test('is never NaN, a string of digits, a bigint, null or undefined.', () => {
    for (const value of [Number.NaN, '5', 5n, null, undefined, true, [5], new Date()]) {
      expect(faultsOf((check) => check.number('it', value, { ...range, infinity: true }))).toHaveLength(1);
    }
  });

  test('is sound exactly when it lies within its bounds.', () => {
    fc.assert(
      fc.property(fc.double(), fc.integer(), fc.integer(), (value, one, other) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const sound = new OptionCheck('subject').number('it', value, { min, max, unit: '' });
        expect(sound).toBe(value >= min && value <= max);
      }),
    );
  });

  test.each([
    [{ min: 1, max: 5, integer: true, unit: 'connections' }, 'an integer from 1 to 5 connections'],
    [{ min: 1, unit: 'ms' }, 'a number of at least 1 ms'],
    [{ max: 9, unit: 'ms' }, 'a number of at most 9 ms'],
    [{ above: 0, unit: 'ms', infinity: true }, 'a number above 0 ms, or Infinity'],
    [{ above: 0, max: 1, unit: '' }, 'a number above 0 and up to 1'],
    [{ unit: 'ms' }, 'a number ms'],
    [{ integer: true, unit: '' }, 'an integer'],
  ] as [NumberRange, string][])('outside %o is told what was expected: "%s".', (bounds, expected) => {
    expect(faultsOf((check) => check.number('a.b', 'no', bounds))).toEqual([{ path: 'a.b', value: 'no', expected }]);
  });
});

test('One of a list is compared as it is, undefined included.', () => {
  const check = new OptionCheck('subject');
  expect(check.oneOf('jitter', 'full', ['none', 'full', undefined])).toBe(true);
  expect(check.oneOf('jitter', undefined, ['none', 'full', undefined])).toBe(true);
  expect(check.oneOf('jitter', 'Full', ['none', 'full', undefined])).toBe(false);
  expect(check.faults[0]?.expected).toBe("one of 'none', 'full', undefined");
});

test('A type is what typeof says, except that null and arrays are no objects.', () => {
  const check = new OptionCheck('subject');
  expect(check.type('it', () => {}, 'function')).toBe(true);
  expect(check.type('it', '', 'string')).toBe(true);
  expect(check.type('it', false, 'boolean')).toBe(true);
  expect(check.type('it', {}, 'object')).toBe(true);
  expect(check.faults).toEqual([]);
  expect(check.type('it', null, 'object')).toBe(false);
  expect(check.type('it', [], 'object')).toBe(false);
  expect(check.type('it', 0, 'string')).toBe(false);
  expect(check.faults.map((fault) => fault.expected)).toEqual(['an object', 'an object', 'a string']);
});

test('A misspelt option is a fault that names the options there are.', () => {
  const faults = faultsOf((check) => check.unknownKeys('size', { mx: 3, min: 1 }, ['min', 'max']));
  expect(faults).toEqual([{ path: 'size.mx', value: 3, expected: 'one of the options min, max' }]);
});

test('A misspelt option at the top has no leading dot.', () => {
  expect(faultsOf((check) => check.unknownKeys('', { nme: 1 }, ['name']))[0]?.path).toBe('nme');
});

test('What a misspelt option holds is not shown when it may be a secret.', () => {
  const check = new OptionCheck('createPool');
  check.unknownKeys('connection', { pasword: 'hunter2', nested: { password: 'hunter2' } }, ['password']);
  try {
    check.throwIfFaulty();
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('hunter2');
    expect(String(error)).toContain('connection.pasword');
  }
});

test('Without a fault nothing is thrown.', () => {
  expect(() => new OptionCheck('subject').throwIfFaulty()).not.toThrow();
});

test('All faults are thrown together, under the name of what was being made.', () => {
  const check = new OptionCheck("circuitBreaker 'inventory'");
  check.number('openForMs', 0, { above: 0, unit: 'ms' });
  check.fault('trip', undefined, 'a trip rule such as consecutiveFailures(5)');
  expect(() => check.throwIfFaulty()).toThrow(
    new InvalidOptionsError("circuitBreaker 'inventory'", [
      { path: 'openForMs', value: 0, expected: 'a number above 0 ms' },
      { path: 'trip', value: undefined, expected: 'a trip rule such as consecutiveFailures(5)' },
    ]),
  );
});
