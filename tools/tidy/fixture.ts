/**
 * Owns small made-up repositories for the tests of the rules: files written to a throwaway folder, read back, judged.
 * It must never know what a rule should answer.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatFault } from './fault.ts';
import { type Rule, readRepository } from './rule.ts';
import { readTree, type Tree } from './tree.ts';

/** Writes the files to a folder of their own, reads them as `pnpm tidy` does, and removes the folder. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  const root = mkdtempSync(join(tmpdir(), 'cryo-tidy-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return readTree(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The faults that one rule finds in the files, as they are printed. */
export function faultsOf(rule: Rule, files: Readonly<Record<string, string>>): readonly string[] {
  return rule(readRepository(treeOf(files))).map(formatFault);
}
