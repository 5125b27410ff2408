/**
 * Owns the reading of the repository's text files into memory, generated folders left out.
 * It must never know what any file means.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Text of every file by its path from the root, with forward slashes. */
export type Tree = ReadonlyMap<string, string>;

const GENERATED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.examples']);

/** Reads every text file under `root`. A file that holds a NUL byte is binary and left out. */
export function readTree(root: string): Tree {
  const files = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !GENERATED_FOLDERS.has(entry.name)) visit(path);
      if (!entry.isFile()) continue;
      const bytes = readFileSync(join(root, path));
      if (!bytes.includes(0)) files.set(path, bytes.toString('utf8'));
    }
  };
  visit('');
  return files;
}
