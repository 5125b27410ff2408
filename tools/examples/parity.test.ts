/**
 * Owns the check that docs/PARITY.md tells the truth about tests: each one it names is in the file that it names.
 * It must never know what a row asks for.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const PARITY = new URL('../../docs/PARITY.md', import.meta.url);
const ROOT = new URL('../../', import.meta.url);
/** A file in backquotes, followed by the names of tests in quotation marks. */
const CLAIM = /`([\w./-]+\.test\.ts)`((?: "[^"]+",?)+)/g;

function claims(): [file: string, name: string][] {
  const page = readFileSync(PARITY, 'utf8');
  return [...page.matchAll(CLAIM)].flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']): [string, string] => [file, name]),
  );
}

/** A test as its file may spell it: apostrophes escaped, and what a table fills in left to the table. */
function isNamedIn(text: string, name: string): boolean {
  return text.replaceAll("\\'", "'").includes(name);
}

test.each(claims())('%s has a test "%s"', (file, name) => {
  const path = new URL(file.startsWith('apps/') ? file : `packages/${file}`, ROOT);
  expect(isNamedIn(readFileSync(path, 'utf8'), name)).toBe(true);
});

test('the page makes as many claims as a page about thirty rows should', () => {
  expect(claims().length).toBeGreaterThan(50);
});
