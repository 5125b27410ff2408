/**
 * Owns what `createSqlitePool` can be told, option by option, with its unit and default.
 * It must never know which values are sound, nor what any of them does.
 */
import type { Driver, PoolOptions } from '@cryo/pool-core';
import type { SqliteConnection, SqliteMode, SqliteSetup } from './sqlite-types.ts';

/** The options of `createPool` without `name` and `driver`, which the facade gives. */
export type SqlitePoolGroups = Omit<PoolOptions<SqliteConnection>, 'name' | 'driver'>;

/** What makes a pair of pools on one file. Only `file` and `inline` are required. */
export interface SqlitePoolOptions extends SqlitePoolGroups {
  /** Path of the database file; made when it is missing. `:memory:` is refused: each connection would have its own. */
  readonly file: string;
  /** Lends better-sqlite3's handles in this process, where every statement blocks the event loop. Must be `true`. */
  readonly inline: true;
  /** Names the pools, `<name>-read` and `<name>-write`. Default: the file's name without its extension. */
  readonly name?: string;
  /** Whether a missing file is an error from the start. Default `false`; once the file was seen it always is. */
  readonly fileMustExist?: boolean;
  /** How long SQLite waits for another process's lock, in ms. **The event loop stands still meanwhile.** Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** One `SELECT` or `VALUES` whose first column of the first row must be 1. Default: `SELECT 1`. */
  readonly validationQuery?: string;
  /** Prepares each new handle: functions, pragmas, attached files. What it sets is what every lease begins with. */
  readonly setup?: SqliteSetup;
  /** For the read pool alone, over what stands beside it. `size` there is the read pool's in any case. */
  readonly read?: SqlitePoolGroups;
  /** For the write pool alone. Its `size` has `min` only, 0 or 1 (default 1): SQLite has one writer at a time. */
  readonly write?: Omit<SqlitePoolGroups, 'size'> & { readonly size?: { readonly min?: number; readonly max?: 1 } };
  /** Stands between a pool and its driver, for tracing or for faults in tests. It passes on the connections it is given. */
  readonly wrapDriver?: (driver: Driver<SqliteConnection>, mode: SqliteMode) => Driver<SqliteConnection>;
}
