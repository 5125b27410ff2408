/**
 * Owns what MySQL says about transactions: how one begins and ends, and what its answers leave open.
 * It must never know what the work does, nor when to try again: the core does.
 */
import type {
  AcquireOptions,
  TransactionMode,
  TransactionRetry,
  TransactionStatements,
  TransactionWork as Work,
} from '@cryo/pool-core';
import type { ResultSetHeader } from 'mysql2';
import { classifyMysqlError, isDemotion } from './mysql2-error-table.ts';
import { CommitRefusedError, TransactionLostError } from './mysql2-errors.ts';
import { sessionOf } from './mysql2-session.ts';
import { IN_TRANSACTION } from './mysql2-status.ts';
import { coreOf, type MysqlConnection } from './mysql2-types.ts';

/** What a caller may say about one transaction. `timeoutMs` bounds each wait for a connection, not the work. */
export interface MysqlTransactionOptions
  extends AcquireOptions,
    Pick<TransactionMode, 'isolation' | 'readOnly'>,
    TransactionRetry {
  /** Absolute, on the pool's clock, in ms: afterwards nothing is begun, tried again or committed. Default: none. */
  readonly deadline?: number;
}

/** The work of a transaction. It may run again after a conflict, everything it wrote having been rolled back. */
export type TransactionWork<Result> = Work<MysqlConnection, Result>;

export const mysqlStatements: TransactionStatements<MysqlConnection> = {
  modes: ['isolation', 'readOnly'],
  begin({ isolation, readOnly }) {
    const start = readOnly === undefined ? '' : readOnly ? ' READ ONLY' : ' READ WRITE';
    const level = isolation === undefined ? [] : [`SET TRANSACTION ISOLATION LEVEL ${isolation.toUpperCase()}`];
    return [...level, `START TRANSACTION${start}`];
  },
  run: (connection, sql) => connection.query(sql),
  async commit(connection) {
    const session = sessionOf(coreOf(connection));
    const doubt = session?.rolledBackBy ?? session?.failure;
    if (doubt !== undefined) await confirmTransaction(connection, doubt);
    try {
      await connection.query('COMMIT');
    } catch (error) {
      // No loss of an answer: the server rolled back what it would not commit, or was never asked.
      throw isDemotion(error, 'primary') || wasNeverSent(error) ? new CommitRefusedError(error) : error;
    }
  },
};

/** What mysql2 says of a command on a connection that it knows to have ended; it is not sent then. */
function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && error.message === "Can't add new command when connection is in closed state";
}

/**
 * The work, but for conflicts after which it must not be tried again: the server ends a transaction by itself, in a deadlock or
 * before DDL, and carries out what follows one by one.
 */
export function onceOnly<Result>(work: TransactionWork<Result>): TransactionWork<Result> {
  return async (connection, context) => {
    const session = sessionOf(coreOf(connection));
    try {
      const result = await work(connection, context);
      if (session?.strayed && session.rolledBackBy !== undefined)
        throw new TransactionLostError(session.rolledBackBy, 'something');
      return result;
    } catch (error) {
      if (session?.strayed && classifyMysqlError(error, 'use', 'any') === 'conflict')
        throw new TransactionLostError(error, 'something');
      throw error;
    }
  };
}

/** MySQL answers COMMIT with success also when an error, which was swallowed, had ended the transaction before. */
async function confirmTransaction(connection: MysqlConnection, cause: unknown): Promise<void> {
  const [{ serverStatus }] = (await connection.query('DO 0')) as [
    ResultSetHeader & { readonly serverStatus: number },
    unknown,
  ];
  if ((serverStatus & IN_TRANSACTION) === 0) throw new TransactionLostError(cause, 'nothing');
}
