/**
 * Owns what PostgreSQL says about transactions: how one begins and ends, and what a caller may ask of it.
 * It must never know what the work does, nor when to try again: the core does.
 */
import type { TransactionMode, TransactionStatements, TransactionWork as Work } from '@cryo/pool-core';
import { endOf } from './pg-dial.ts';
import { CommitRefusedError, ConnectionEndedError } from './pg-errors.ts';
import { hasEnded } from './pg-session.ts';
import type { PgConnection } from './pg-types.ts';

/** The work of a transaction. It may run again after a conflict, everything it wrote having been rolled back. */
export type PgTransactionWork<Result> = Work<PgConnection, Result>;

export const pgStatements: TransactionStatements<PgConnection> = {
  modes: ['isolation', 'readOnly', 'deferrable'],
  begin: (mode) => [beginOf(mode)],
  run: (connection, sql) => connection.query(sql),
  lost(connection) {
    if (!hasEnded(connection)) return undefined;
    return new ConnectionEndedError('The connection ended before COMMIT: nothing is committed', endOf(connection));
  },
  async commit(connection) {
    const { command } = await connection.query('COMMIT');
    if (command === 'ROLLBACK') throw new CommitRefusedError();
  },
};

function beginOf({ isolation, readOnly, deferrable }: TransactionMode): string {
  const parts = ['BEGIN'];
  if (isolation !== undefined) parts.push(`ISOLATION LEVEL ${isolation.toUpperCase()}`);
  if (readOnly !== undefined) parts.push(readOnly ? 'READ ONLY' : 'READ WRITE');
  if (deferrable !== undefined) parts.push(deferrable ? 'DEFERRABLE' : 'NOT DEFERRABLE');
  return parts.join(' ');
}
