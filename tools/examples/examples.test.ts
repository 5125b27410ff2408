import { afterAll, expect, test } from 'vitest';
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

test.for(written)(
  '$example.document, "$example.heading", line $example.line: the example holds',
  { timeout: 30_000 },
  async (one) => {
    expect(faults.get(one.file) ?? []).toEqual([]);
    if (one.example.mode === 'run') expect(await runFault(one)).toBeUndefined();
  },
);
