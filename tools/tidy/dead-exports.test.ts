import { expect, test } from 'vitest';
import { readReport } from './dead-exports.ts';
import { formatFault } from './fault.ts';

test('what knip reports becomes one fault per name, with its line', () => {
  const issue = {
    file: 'packages/resilience/src/clock.ts',
    exports: [{ name: 'tick', line: 32, col: 17, pos: 9 }],
    types: [{ name: 'Tick', line: 3 }],
    duplicates: [
      [
        { name: 'a', line: 1 },
        { name: 'b', line: 2 },
      ],
    ],
    unlisted: [],
  };
  expect(readReport(JSON.stringify({ issues: [issue] })).map(formatFault)).toEqual([
    "packages/resilience/src/clock.ts:32 unused: 'tick' is exported and used by nobody; remove the export or the thing",
    "packages/resilience/src/clock.ts:3 unused: 'Tick' is an exported type and used by nobody; remove the export or the type",
    "packages/resilience/src/clock.ts:1 unused: 'a' is exported twice; keep one name",
    "packages/resilience/src/clock.ts:2 unused: 'b' is exported twice; keep one name",
  ]);
});

test('a kind of finding that is new to us is still a fault', () => {
  const issue = { file: 'package.json', novelties: [{ name: 'x' }] };
  expect(readReport(JSON.stringify({ issues: [issue] })).map(formatFault)).toEqual([
    "package.json:1 unused: 'x' is reported by knip as one of its novelties",
  ]);
});

test('a clean report is no fault and a broken one is', () => {
  expect(readReport('{"issues":[]}')).toEqual([]);
  expect(readReport('ERROR: out of luck').map(formatFault)).toEqual([
    'knip.json:1 unused: knip did not answer: ERROR: out of luck',
  ]);
});
