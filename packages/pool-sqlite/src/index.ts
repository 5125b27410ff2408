/**
 * Owns the list of what @cryo/pool-sqlite offers; it is written by hand.
 * It must never know how any of it works.
 */
export { SetupFailedError, UnexpectedAnswerError } from '@cryo/pool-core';
export {
  FileReplacedError,
  FileUnusableError,
  SessionNotCleanError,
  TooManyFilesError,
} from './sqlite-errors.ts';
export type { SqlitePoolGroups, SqlitePoolOptions } from './sqlite-options.ts';
export {
  createSqlitePool,
  type SqliteModeOption,
  type SqlitePool,
  type SqlitePoolHealth,
  type SqlitePoolSnapshot,
} from './sqlite-pool.ts';
export type { SqliteWriteResult } from './sqlite-query.ts';
export type { SqliteTransactionOptions, TransactionWork } from './sqlite-transaction.ts';
export type {
  SqliteBackupOptions,
  SqliteBackupProgress,
  SqliteColumn,
  SqliteConnection,
  SqliteFunction,
  SqliteFunctionOptions,
  SqliteMode,
  SqliteParameters,
  SqliteRunResult,
  SqliteSetup,
  SqliteStatement,
} from './sqlite-types.ts';
