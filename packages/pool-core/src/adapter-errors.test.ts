import { expect, test } from 'vitest';
import { AllHostsFailedError, SetupFailedError } from './adapter-errors.ts';

test('what a host said is told also where the platform left its message empty, as for a name with several addresses', () => {
  const refused = new AggregateError([
    new Error('connect ECONNREFUSED ::1:1'),
    new Error('connect ECONNREFUSED 127.0.0.1:1'),
  ]);
  const error = new AllHostsFailedError([refused], ['localhost:1']);
  expect(error.message).toContain('localhost:1: connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1');
});

test('a setup that throws what throws when it is read is told as a setup that failed', () => {
  const unreadable = Object.defineProperty(new Error('refused'), 'message', {
    get() {
      throw new Error('read');
    },
  });
  for (const cause of [Object.create(null), unreadable, Symbol('refused')]) {
    expect(new SetupFailedError(cause)).toMatchObject({ code: 'SETUP_FAILED', cause });
  }
});
