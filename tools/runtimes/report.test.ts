import { expect, test } from 'vitest';
import { caseOf } from './case.ts';
import { failures, omissions, page, type Row, tableOf } from './report.ts';

const plain = caseOf({ document: 'a.md', heading: 'Thaw', line: 1, code: 'assert(true);' });
const needy = caseOf({ document: 'a.md', heading: 'Thaw', line: 9, code: "import { createServer } from 'node:http';" });
const rows: readonly Row[] = [
  {
    state: 'ran',
    name: 'Deno',
    version: '2.9.6',
    judged: [
      { case: plain, verdict: 'fails', reason: 'cracked' },
      { case: needy, verdict: 'left out', reason: 'needs node:http' },
    ],
  },
  { state: 'skipped', name: 'Bun', reason: 'not installed' },
];

test('an example needs the modules of Node that it imports, its assertions apart', () => {
  const code = "import assert from 'node:assert';\nimport {\n  once,\n} from 'node:events';\nassert(once);";
  expect(caseOf({ document: 'a.md', heading: 'Thaw', line: 1, code })).toMatchObject({
    needs: ['node:events'],
    asserts: true,
  });
});

test('the table has a row for each runtime, also for one that is missing', () => {
  expect(tableOf(rows).split('\n').slice(2)).toEqual([
    '| Deno | 2.9.6 | 0 | 0 | 1 | 1 |',
    '| Bun | not there |  |  |  |  |',
  ]);
});

test('what was left out is told by its heading, which stays where lines move, and what failed by its line', () => {
  expect(omissions(rows)).toEqual(['Bun: not installed', 'a.md, "Thaw": needs node:http (Deno)']);
  expect(failures(rows)).toEqual(['Deno 2.9.6, a.md:1: cracked']);
});

test('the page says when and where it was recorded, and how to do that again', () => {
  expect(page(rows, 'linux x64', '2026-11-24')).toContain(
    'Recorded on 2026-11-24, linux x64. Again: `npx pnpm runtimes',
  );
});
