import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';
import { CASES } from './cases.ts';
import { defectCase, expectThat, presume } from './defect-case.ts';
import type { Library } from './library.ts';
import { absences, breakages, verdictTable } from './report.ts';
import { realWorld } from './world.ts';

const library: Library = { name: 'any', defaultRetry: () => ({ run: (work) => work() }) };
const described = { name: 'case', promise: 'It works', needs: 'defaultRetry' } as const;

test('a case whose expectation fails is a broken promise, told with what happened instead', async () => {
  const tested = defectCase({ ...described, run: async () => expectThat(false, 'it did not') });
  expect(await tested.run(library, realWorld)).toEqual({ kind: 'breaks', how: 'it did not' });
});

test('a case that runs to its end is a promise kept', async () => {
  const tested = defectCase({ ...described, run: async () => expectThat(true, 'it did not') });
  expect(await tested.run(library, realWorld)).toEqual({ kind: 'holds' });
});

test('a library without the feature is not judged', async () => {
  const fail = async () => expectThat(false, 'it ran');
  const without = defectCase({ ...described, needs: 'breaker', run: fail });
  const halfway = defectCase({ ...described, alsoNeeds: 'canAbort', run: fail });
  expect(await without.run(library, realWorld)).toEqual({ kind: 'absent' });
  expect(await halfway.run(library, realWorld)).toEqual({ kind: 'absent' });
});

test('a library that does not get to where the promise is tested is not judged either: the case fails', async () => {
  const tested = defectCase({ ...described, run: async () => presume(false, 'it never opened') });
  await expect(tested.run(library, realWorld)).rejects.toThrow('does not fit this library: it never opened');
});

test('every case has a name and a promise of its own', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  expect(new Set(CASES.map(({ promise }) => promise)).size).toBe(CASES.length);
});

test('the table has a row per case and a last one with what each library kept', () => {
  const judgements = { one: { kind: 'holds' }, two: { kind: 'breaks', how: 'it did not' } } as const;
  const rows = [{ name: 'case', promise: 'It works', judgements }];
  const cells = verdictTable(rows, ['one', 'two', 'three'])
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect([cells[2], cells[3]]).toEqual([
    ['It works', 'holds', '**breaks**', '–'],
    ['Kept, of those that concern it', '1 of 1', '0 of 1', '0 of 0'],
  ]);
  expect(breakages(rows)).toEqual(['`case`, two: it did not']);
});

test('what a dash stands for is told once for all libraries that miss the same', () => {
  const judgements = {
    one: { kind: 'absent', why: 'it has no check' },
    two: { kind: 'absent', why: 'it has no check' },
    three: { kind: 'absent' },
    four: { kind: 'holds' },
  } as const;
  expect(absences([{ name: 'case', promise: 'It works', judgements }])).toEqual(['`case`, one, two: it has no check']);
});

test('a suite and one of its cases can be asked for, by names that exist', () => {
  const suites = { calls: ['a', 'b'], pools: ['c'] };
  expect(readArguments([], suites)).toEqual({ suites: ['calls', 'pools'], only: undefined, json: false });
  expect(readArguments(['pools'], suites)).toEqual({ suites: ['pools'], only: undefined, json: false });
  expect(readArguments(['--case', 'c', '--json'], suites)).toEqual({ suites: ['pools'], only: 'c', json: true });
  expect(readArguments(['calls', '--case', 'c'], suites)).toContain("--case is 'c', expected one of a, b (usage:");
  expect(readArguments(['walls'], suites)).toContain("The suite is 'walls', expected one of calls, pools");
  expect(readArguments(['calls', 'pools'], suites)).toContain("'pools' is too much");
  expect(readArguments(['--fast'], suites)).toContain("Unknown option '--fast'");
});
