/**
 * Owns the driver: what the pool asks of a connection, answered by a handle of better-sqlite3 in this process.
 * It must never know the pool, nor which of its calls block: all of them do, for as long as SQLite takes.
 */
import { type Driver, SetupFailedError, UnexpectedAnswerError } from '@cryo/pool-core';
import { classifySqliteError } from './sqlite-errors.ts';
import type { DatabaseFile } from './sqlite-file.ts';
import type { SqliteHandle } from './sqlite-handle.ts';
import type { SqliteConnection, SqliteMode, SqliteSetup, SqliteStatement } from './sqlite-types.ts';

export interface SqliteDriverOptions {
  readonly file: DatabaseFile;
  readonly mode: SqliteMode;
  readonly validationQuery: string;
  readonly setup: SqliteSetup | undefined;
}

/** A driver for one of the two pools on a file. It reads and writes nothing before its first `open`. */
export function createSqliteDriver({
  file,
  mode,
  validationQuery,
  setup,
}: SqliteDriverOptions): Driver<SqliteConnection> {
  const checks = new WeakMap<SqliteConnection, SqliteStatement>();
  const driver: Driver<SqliteHandle> = {
    name: 'sqlite',
    server: { address: file.path },
    async open() {
      const handle = file.open(mode);
      try {
        prepareHandle(handle, mode, setup);
      } catch (error) {
        handle.end();
        throw error;
      }
      return handle;
    },
    async check(handle) {
      file.confirm(handle);
      let statement = checks.get(handle);
      if (statement === undefined) {
        statement = handle.prepare(validationQuery).raw().safeIntegers(false);
        checks.set(handle, statement);
      }
      const [answer] = (statement.get() as unknown[] | undefined) ?? [];
      if (answer !== 1) throw new UnexpectedAnswerError(validationQuery, answer);
    },
    reset: (handle) => handle.clean(),
    close: async (handle) => handle.end(),
    destroy: (handle) => handle.end(),
    classify: classifySqliteError,
  };
  return driver;
}

/** What the setup does becomes the session that every lease begins with. */
function prepareHandle(handle: SqliteHandle, mode: SqliteMode, setup: SqliteSetup | undefined): void {
  try {
    const answer: unknown = setup?.(handle, mode);
    if (isThenable(answer)) throw new TypeError('setup answered a promise; it has to be synchronous');
    if (handle.inTransaction) throw new TypeError('setup left a transaction open');
  } catch (error) {
    throw new SetupFailedError(error);
  }
  handle.settle();
}

/** Also takes the promise off the process's hands: what it rejects with would be unhandled. */
function isThenable(value: unknown): boolean {
  if (!(value instanceof Promise)) return false;
  value.catch(() => {});
  return true;
}
