/**
 * Owns the folders that tests put their database files in, and removes them when a test is over.
 * It must never know what is in them.
 */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new empty folder, gone when the test that asked for it is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cryo-sqlite-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a database file that does not exist yet. */
export function temporaryFile(): string {
  return join(temporaryFolder(), 'orders.db');
}

/** The files below a folder that this process has open. Only Linux tells. */
export function openFilesIn(folder: string): readonly string[] {
  const open: string[] = [];
  for (const handle of readdirSync('/proc/self/fd')) {
    try {
      open.push(readlinkSync(`/proc/self/fd/${handle}`));
    } catch {
      // It was closed while we looked: the handle of the listing itself.
    }
  }
  return open.filter((path) => path.startsWith(folder));
}
