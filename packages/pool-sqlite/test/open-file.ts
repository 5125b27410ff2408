/**
 * Owns the program that opens a file in a mode, as often as it is told, and prints the first failure or 'opened'.
 * It must never know which limits it was started under.
 */
import { inspect } from 'node:util';
import { classifySqliteError } from '../src/sqlite-errors.ts';
import { DatabaseFile } from '../src/sqlite-file.ts';
import type { SqliteMode } from '../src/sqlite-types.ts';

const [path = '', mode = 'read', times = '1'] = process.argv.slice(2);
const file = new DatabaseFile({ path, busyTimeoutMs: 0, fileMustExist: false });
const handles: unknown[] = [];
try {
  for (let turn = 0; turn < Number(times); turn++) handles.push(file.open(mode as SqliteMode));
  console.log('opened');
} catch (error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
  console.log(`${classifySqliteError(error, 'open')} ${text}`);
}
