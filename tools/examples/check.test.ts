import { existsSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { removeExamples, runFault, typeFaults, writeExamples } from './check.ts';
import { extractExamples } from './extract.ts';

const text = [
  '```ts',
  "import { createServer } from 'node:http';",
  'createServer().listen(0).close();',
  'await Promise.resolve();',
  '```',
  '```ts',
  "const count: number = 'one';",
  '```',
  '```ts',
  "throw new Error('thawed');",
  '```',
].join('\n');
const written = writeExamples(extractExamples('README.md', text), `check-${process.pid}`);
const [good, mistyped, throwing] = written;

afterAll(() => removeExamples(written));

test('a mistyped example is named with the line of its document, and only that one', async () => {
  const faults = await typeFaults(written);
  expect([...faults.keys()]).toEqual([mistyped?.file]);
  expect(mistyped && faults.get(mistyped.file)).toEqual([expect.stringMatching(/^README\.md:7 error TS2322: /)]);
});

test('an example that ends well is no fault, and one that throws is shown with its line', async () => {
  expect(good && (await runFault(good))).toBeUndefined();
  expect(throwing && (await runFault(throwing))).toMatch(/^exit code 1\n[\s\S]*:10\b[\s\S]*thawed/);
});

test('nothing of an example is left behind', () => {
  const folder = writeExamples(extractExamples('README.md', text), `left-${process.pid}`);
  removeExamples(folder);
  expect(folder.filter(({ file }) => existsSync(file))).toEqual([]);
});
