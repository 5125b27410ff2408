/**
 * Owns what SQLite says about transactions: how one begins and ends, and what a caller may ask of it.
 * It must never know what the work does, nor when to try again: the core does.
 */
import type { AcquireOptions, TransactionRetry, TransactionStatements, TransactionWork as Work } from '@cryo/pool-core';
import { SqliteHandle } from './sqlite-handle.ts';
import type { SqliteConnection } from './sqlite-types.ts';

/** What a caller may say about one transaction. `timeoutMs` bounds each wait for the connection, not the work. */
export interface SqliteTransactionOptions extends AcquireOptions, TransactionRetry {
  /** Absolute, on the pool's clock, in ms: afterwards nothing is begun, tried again or committed. Default: none. */
  readonly deadline?: number;
}

/** The work of a transaction. It may run again after a conflict, everything it wrote having been rolled back. */
export type TransactionWork<Result> = Work<SqliteConnection, Result>;

/**
 * IMMEDIATE takes the write lock at once, before the work has read anything that another process could change beneath it.
 * Some errors of SQLite end the transaction by themselves; a ROLLBACK would fail then.
 */
export const sqliteStatements: TransactionStatements<SqliteConnection> = {
  modes: [],
  begin: () => ['BEGIN IMMEDIATE'],
  run: (connection, sql) => void connection.exec(sql),
  commit(connection) {
    endIterators(connection);
    connection.exec('COMMIT');
  },
  rollback(connection) {
    endIterators(connection);
    if (connection.inTransaction) connection.exec('ROLLBACK');
  },
};

/** SQLite commits nothing while a cursor of the same handle is open. */
function endIterators(connection: SqliteConnection): void {
  if (connection instanceof SqliteHandle) connection.endIterators();
}
