import { expect, test } from 'vitest';
import { addVerdicts, NOTHING, skipLines, verdictLine } from './verdict.ts';

test('the last line counts what passed and failed, and what was skipped only if something was', () => {
  const skipped = [{ name: 'the server restarts', reason: 'no MariaDB on this machine' }];
  expect(verdictLine({ passed: 412, failed: 0, skipped: [] })).toBe('412 passed, 0 failed');
  expect(verdictLine({ passed: 3, failed: 1, skipped })).toBe('3 passed, 1 failed, 1 skipped');
  expect(skipLines({ passed: 3, failed: 1, skipped })).toEqual([
    'skipped: the server restarts: no MariaDB on this machine',
  ]);
});

test('verdicts add up', () => {
  const skip = { name: 'a', reason: 'b' };
  const sum = addVerdicts({ passed: 1, failed: 2, skipped: [skip] }, { passed: 3, failed: 4, skipped: [skip] });
  expect(sum).toEqual({ passed: 4, failed: 6, skipped: [skip, skip] });
  expect(addVerdicts(NOTHING, sum)).toEqual(sum);
});
