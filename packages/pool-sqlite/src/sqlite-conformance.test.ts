import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driverConformance } from '@cryo/testkit';
import { afterAll, describe, it } from 'vitest';
import { openFilesIn } from '../test/folder.ts';
import { createSqliteDriver } from './sqlite-driver.ts';
import { DatabaseFile } from './sqlite-file.ts';
import type { SqliteHandle } from './sqlite-handle.ts';
import type { SqliteConnection, SqliteMode } from './sqlite-types.ts';

const folder = mkdtempSync(join(tmpdir(), 'cryo-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = join(folder, 'orders.db');
const other = join(folder, 'archive.db');
const noDatabase = join(folder, 'a-letter.txt');
writeFileSync(noDatabase, 'Dear database, '.repeat(100));

function driverOn(file: string, mode: SqliteMode) {
  const opened = new DatabaseFile({ path: file, busyTimeoutMs: 0, fileMustExist: false });
  return createSqliteDriver({ file: opened, mode, validationQuery: 'SELECT 1', setup: undefined });
}

// Files that can only be read have to be there before.
for (const file of [path, other]) {
  const handle = new DatabaseFile({ path: file, busyTimeoutMs: 0, fileMustExist: false }).open('write');
  handle.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)');
  handle.end();
}

/** Most questions are refused while an iterator is unfinished. */
function stain(leave: (connection: SqliteConnection) => unknown, inspect: (connection: SqliteConnection) => unknown) {
  return {
    leave: async (connection: SqliteConnection) => leave(connection),
    async inspect(connection: SqliteConnection) {
      try {
        return inspect(connection);
      } catch (error) {
        return String(error);
      }
    },
  };
}

const stains = {
  'an open transaction': stain(
    (connection) => connection.exec('BEGIN'),
    ({ inTransaction }) => inTransaction,
  ),
  'a setting': stain(
    (connection) => connection.pragma('cache_size = 17'),
    (connection) => connection.pragma('cache_size'),
  ),
  'a temporary table': stain(
    (connection) => connection.exec('CREATE TEMP TABLE IF NOT EXISTS left_behind (id)'),
    (connection) => connection.prepare('SELECT name FROM temp.sqlite_schema').all(),
  ),
  'an attached file': stain(
    (connection) => connection.exec(`ATTACH '${other}' AS archive`),
    (connection) => JSON.stringify(connection.pragma('database_list')).includes(other),
  ),
  'an unfinished iterator': stain(
    (connection) => connection.prepare('SELECT 1 UNION ALL SELECT 2').iterate().next().value,
    (connection) => connection.exec('SELECT 1').open,
  ),
};

for (const mode of ['read', 'write'] as const) {
  driverConformance(
    { describe, it },
    {
      name: `SQLite, a connection that may ${mode}`,
      createDriver: () => driverOn(path, mode),
      use: async (connection: SqliteConnection) => connection.prepare('SELECT count(*) FROM orders').get(),
      breakConnection: async (connection: SqliteConnection) => (connection as SqliteHandle).end(),
      failStatement: async (connection: SqliteConnection) => connection.exec('SELEC'),
      createMisconfigured: () => driverOn(noDatabase, mode),
      ...(existsSync('/proc/self/fd') && {
        countConnections: async () => openFilesIn(folder).filter((file) => file === path).length,
      }),
      stains,
      without: {
        watch: 'nobody but its holder ends a handle of this process',
        ref: 'a handle of SQLite keeps no process alive',
        silence: 'there is no network, and every call is over when it returns',
        createUnreachable: 'there is no network: a path that leads nowhere is misconfigured',
        createSilent: 'there is no network',
        secrets: 'a file has no password',
        countConnections: 'only Linux tells which files are open',
      },
    },
  );
}
