import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../workspace/tool.ts';
import { documents, examplesOf, removeExamples, runFault, typeFaults, writeExamples } from './check.ts';

const written = writeExamples(documents().flatMap(examplesOf), String(process.pid));
const faults = await typeFaults(written);

afterAll(() => removeExamples(written));

test('every README shows a first example', () => {
  const readmes = documents().filter((document) => document.endsWith('README.md'));
  const shown = new Set(written.map(({ example }) => example.document));
  expect(readmes.length).toBeGreaterThan(0);
  expect(readmes.filter((readme) => !shown.has(readme))).toEqual([]);
});

test('a README links to every guide of its package, and each guide shows an example', () => {
  const shown = new Set(written.map(({ example }) => example.document));
  const guides = documents().filter((document) => document.includes('/guides/'));
  expect(guides.filter((guide) => !shown.has(guide) || !isLinked(guide))).toEqual([]);
  expect(guides.length).toBeGreaterThan(0);
});

function isLinked(guide: string): boolean {
  const [home = '', name = ''] = guide.split(/(?=guides\/)/);
  return readFileSync(join(ROOT, home, 'README.md'), 'utf8').includes(`](${name})`);
}

test.for(written)(
  '$example.document, "$example.heading", line $example.line: the example holds',
  { timeout: 30_000 },
  async (one) => {
    expect(faults.get(one.file) ?? []).toEqual([]);
    if (one.example.mode === 'run') expect(await runFault(one)).toBeUndefined();
  },
);
