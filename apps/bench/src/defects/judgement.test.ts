import { expect, test } from 'vitest';
import { countKept, judgeEnding, type Row } from './judgement.ts';

test('a process that hangs has broken its promise', () => {
  const judgement = judgeEnding({ kind: 'hung', limitMs: 1_000 });
  expect(judgement).toEqual({ kind: 'breaks', how: 'nothing happened any more within 1000 ms' });
});

test('a process that fails, or answers no verdict, says nothing about the library', () => {
  expect(judgeEnding({ kind: 'failed', words: 'out of memory' })).toEqual({ kind: 'unfit', how: 'out of memory' });
  expect(judgeEnding({ kind: 'answered', answer: 'hello' })).toEqual({ kind: 'unfit', how: "it answered 'hello'" });
});

test('what is kept is counted among the promises that concern a library', () => {
  const rows: readonly Row[] = [
    { name: 'a', promise: 'A', judgements: { one: { kind: 'holds' }, two: { kind: 'breaks', how: 'so' } } },
    { name: 'b', promise: 'B', judgements: { one: { kind: 'absent' }, two: { kind: 'holds' } } },
  ];
  expect(countKept(rows, 'one')).toEqual({ holds: 1, of: 1 });
  expect(countKept(rows, 'two')).toEqual({ holds: 1, of: 2 });
});
