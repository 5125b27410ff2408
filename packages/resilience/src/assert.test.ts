import { expect, test } from 'vitest';
import { AssertionError, assert } from './assert.ts';

test('A condition that holds passes in silence, whatever kind of truth it is.', () => {
  for (const condition of [true, 1, 'text', {}, []]) expect(() => assert(condition, 'never')).not.toThrow();
});

test('A condition that does not hold throws an assertion error with its code and message.', () => {
  for (const condition of [false, 0, '', null, undefined, Number.NaN]) {
    const failing = () => assert(condition, 'the queue is never negative');
    expect(failing).toThrow(AssertionError);
    expect(failing).toThrow(
      expect.objectContaining({ code: 'ASSERTION_FAILED', message: 'the queue is never negative' }),
    );
  }
});

test('An assertion error names itself in its stack, where the bug is.', () => {
  const { name, stack } = new AssertionError('impossible');
  expect(name).toBe('AssertionError');
  expect(stack).toMatch(/^AssertionError: impossible\n\s+at .*assert\.test/);
});
