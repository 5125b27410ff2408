import { expect, test } from 'vitest';
import type { Result } from '../measure/result.ts';
import { replaceSection } from './document.ts';
import { formatSpread, resultTable } from './results.ts';
import { formatTable } from './table.ts';

const same = (value: number) => ({ lower: value, median: value, upper: value });

test('columns are as wide as their widest cell', () => {
  expect(
    formatTable([
      ['', 'ours'],
      ['calls', '1'],
    ]),
  ).toBe('|       | ours |\n| ----- | ---: |\n| calls |    1 |');
});

test('a section takes the place of the one with its heading and leaves its neighbours alone', () => {
  const document = '# Title\n\nWords.\n\n## a\n\nold\n\n## b\n\nkept\n';
  expect(replaceSection(document, 'a', 'new')).toBe('# Title\n\nWords.\n\n## a\n\nnew\n\n## b\n\nkept\n');
  expect(replaceSection(document, 'b', 'new')).toBe('# Title\n\nWords.\n\n## a\n\nold\n\n## b\n\nnew\n');
});

test('a section that is new comes last', () => {
  expect(replaceSection('# Title\n', 'a', 'text')).toBe('# Title\n\n## a\n\ntext\n');
});

test('figures have as many digits as mean something, and quartiles only where they differ', () => {
  expect(formatSpread({ lower: 0.0391, median: 0.0402, upper: 0.0402 }, '× bare call')).toBe('0.040 (0.039–0.040)');
  expect(formatSpread({ lower: 1.5, median: 1.561, upper: 1.7 }, '× bare call')).toBe('1.56 (1.50–1.70)');
  expect(formatSpread(same(321.4), 'bytes')).toBe('321');
});

test('ours comes first, then the budget and its verdict, then the peers; a dash stands for what a library has not got', () => {
  const results: readonly Result[] = [
    {
      scenario: 'a',
      title: 'A',
      unit: '× bare call',
      budget: 2,
      verdict: 'met',
      figures: { bare: same(1), cryo: same(1.5), one: same(3) },
    },
    {
      scenario: 'b',
      title: 'B',
      unit: 'bytes',
      budget: 9,
      verdict: 'missed',
      figures: { cryo: same(10), two: same(20) },
    },
  ];
  const cells = resultTable(results)
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect([cells[0], cells[2], cells[3]]).toEqual([
    ['', 'cryo', 'budget', '', 'one', 'two'],
    ['A, × bare call', '1.50', '≤ 2', 'met', '3.00', '–'],
    ['B, bytes', '10', '≤ 9', 'missed', '–', '20'],
  ]);
});
