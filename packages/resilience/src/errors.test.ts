import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import {
  AbortedError,
  BreakerOpenError,
  CryoError,
  DeadlineExceededError,
  InvalidOptionsError,
  isCryoError,
  isRefusal,
  RefusedError,
  RetriesExhaustedError,
  StacklessError,
} from './errors.ts';

const cause = new TypeError('connection refused');

function oneOfEach() {
  return {
    CryoError: new CryoError('SOME_CODE', 'something', { cause }),
    InvalidOptionsError: new InvalidOptionsError('retry()', [
      { path: 'maxRetries', value: -1, expected: 'an integer' },
    ]),
    StacklessError: new StacklessError('SOME_CODE', 'something', { cause }),
    AbortedError: new AbortedError(cause),
    DeadlineExceededError: new DeadlineExceededError(),
    RefusedError: new RefusedError('REFUSED', 'no place', { policy: 'bulkhead', cause }),
    BreakerOpenError: new BreakerOpenError({ breaker: 'inventory', state: 'open', retryAfterMs: 1_200, cause }),
    RetriesExhaustedError: new RetriesExhaustedError([new Error('first'), cause]),
  };
}

const stackless = [
  'StacklessError',
  'AbortedError',
  'DeadlineExceededError',
  'RefusedError',
  'BreakerOpenError',
] as const;

describe.each(Object.entries(oneOfEach()))('%s', (name, error) => {
  test('It is an error, an error of ours, and knows its name without its class name.', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(CryoError);
    expect(isCryoError(error)).toBe(true);
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: ${error.message}`);
  });

  test('Its own stack begins with its name and message, as loggers expect.', () => {
    expect(Object.hasOwn(error, 'stack')).toBe(true);
    expect(error.stack?.split('\n')[0]).toBe(`${name}: ${error.message}`);
  });

  test('An inspection shows its name, message and code once each.', () => {
    const shown = inspect(error, { depth: 0 });
    for (const part of [name, error.message, error.code]) expect(shown.split(part)).toHaveLength(2);
  });

  test('It can be thrown, caught by its message and rejected with.', async () => {
    expect(() => {
      throw error;
    }).toThrow(error.message);
    await expect(Promise.reject(error)).rejects.toBe(error);
  });
});

test('The codes are the ones that programs compare.', () => {
  const codes = Object.fromEntries(Object.entries(oneOfEach()).map(([name, error]) => [name, error.code]));
  expect(codes).toEqual({
    CryoError: 'SOME_CODE',
    InvalidOptionsError: 'INVALID_OPTIONS',
    StacklessError: 'SOME_CODE',
    AbortedError: 'ABORTED',
    DeadlineExceededError: 'DEADLINE_EXCEEDED',
    RefusedError: 'REFUSED',
    BreakerOpenError: 'BREAKER_OPEN',
    RetriesExhaustedError: 'RETRIES_EXHAUSTED',
  });
});

test('Errors raised in bulk take no stack trace, the others do.', () => {
  for (const [name, error] of Object.entries(oneOfEach())) {
    const lines = error.stack?.split('\n').length;
    if (stackless.some((kind) => kind === name)) expect(lines).toBe(1);
    else expect(lines).toBeGreaterThan(1);
  }
});

test('Only what a policy refused is a refusal.', () => {
  const refusals = Object.entries(oneOfEach()).filter(([, error]) => isRefusal(error));
  expect(refusals.map(([name]) => name)).toEqual(['RefusedError', 'BreakerOpenError']);
});

test('Whatever is not an error of ours is neither ours nor a refusal.', () => {
  for (const value of [
    undefined,
    null,
    0,
    '',
    'BREAKER_OPEN',
    () => {},
    {},
    new Error('foreign'),
    { code: 'ABORTED' },
  ]) {
    expect(isCryoError(value)).toBe(false);
    expect(isRefusal(value)).toBe(false);
  }
});

test('Errors made by another copy of the package are recognized.', async () => {
  vi.resetModules();
  const copy = await import('./errors.ts');
  const foreign = new copy.BreakerOpenError({ breaker: 'inventory', state: 'half-open' });
  expect(foreign).not.toBeInstanceOf(BreakerOpenError);
  expect(isCryoError(foreign)).toBe(true);
  expect(isRefusal(foreign)).toBe(true);
});

test('A refusal tells which breaker refused, in what state, why, and when to come back.', () => {
  const error = new BreakerOpenError({ breaker: 'inventory', state: 'open', retryAfterMs: 1_200, cause });
  expect(error).toMatchObject({ breaker: 'inventory', state: 'open', retryAfterMs: 1_200, policy: 'circuit-breaker' });
  expect(error.message).toBe("Circuit breaker 'inventory' is open");
  expect(error.cause).toBe(cause);
  expect(inspect(error)).toContain('TypeError: connection refused');
});

test('A refusal made like another has its words, and everything else of its own.', () => {
  const first = new BreakerOpenError({ breaker: 'inventory', state: 'open' });
  const second = new BreakerOpenError({ breaker: 'inventory', state: 'open', retryAfterMs: 7, cause }, first);
  expect(second).toMatchObject({ message: first.message, stack: first.stack, retryAfterMs: 7, cause });
  expect(Object.keys(second).sort()).toEqual([...Object.keys(first), 'cause'].sort());
  expect(second.constructor.name).toBe('BreakerOpenError');
});

test('An error without a cause shows none.', () => {
  const error = new BreakerOpenError({ breaker: 'inventory', state: 'isolated' });
  expect('cause' in error).toBe(false);
  expect(inspect(error)).not.toContain('cause');
});

test('A stackless error carries the trace of what led to it.', () => {
  expect(inspect(new AbortedError(cause))).toMatch(/TypeError: connection refused\n\s+at /);
});

test('Exhausted retries hold what each attempt failed with, and the last as the cause.', () => {
  const attempts = ['first', 'second', cause];
  const error = new RetriesExhaustedError(attempts);
  attempts.push('later');
  expect(error.attempts).toEqual(['first', 'second', cause]);
  expect(error.cause).toBe(cause);
  expect(error.message).toBe('All 3 attempts failed');
  expect(Object.isFrozen(error.attempts)).toBe(true);
});

test('Invalid options list every fault in one message, each with path, value and what was expected.', () => {
  const error = new InvalidOptionsError("createPool 'orders'", [
    { path: 'size.max', value: -1, expected: 'an integer from 1 to 100000 connections' },
    { path: 'breaker', value: 'off', expected: 'an object' },
  ]);
  expect(error.message).toBe(
    "createPool 'orders': size.max is -1, expected an integer from 1 to 100000 connections; breaker is 'off', expected an object",
  );
  expect(error.faults).toHaveLength(2);
  expect(Object.isFrozen(error.faults) && error.faults.every(Object.isFrozen)).toBe(true);
});

test('Of objects and functions an error keeps only what they are, for they may hold secrets.', () => {
  const secretive = [{ password: 'hunter2' }, ['hunter2'], () => 'hunter2'];
  const error = new InvalidOptionsError(
    'createPool',
    secretive.map((value, index) => ({ path: `option${index}`, value, expected: 'a number' })),
  );
  expect(error.faults.map((fault) => fault.value)).toEqual(['an object', 'an array', 'a function']);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
});

test('Faults show every kind of value on one short line.', () => {
  const values = [null, undefined, Number.NaN, Infinity, 5n, true, Symbol('s'), 'x'.repeat(500)];
  const { message } = new InvalidOptionsError(
    'options',
    values.map((value) => ({ path: 'it', value, expected: '…' })),
  );
  for (const shown of ['null', 'undefined', 'NaN', 'Infinity', '5n', 'true', 'Symbol(s)', `'${'x'.repeat(80)}…'`]) {
    expect(message).toContain(`it is ${shown}, expected`);
  }
});
