/**
 * Owns what is asked of a session between two leases: whether it works, and that nothing of the last lease is left.
 * It must never know who held it, nor when it is asked.
 */
import { UnexpectedAnswerError } from '@cryo/pool-core';
import type { CallContext } from '@cryo/resilience';
import { ConnectionEndedError, TargetMismatchError } from './pg-errors.ts';
import type { PgReset } from './pg-options.ts';
import { type PgConnection, type PgTarget, stateOf, wireOf } from './pg-types.ts';

/** Throws unless the session works, and is one of the server that is wanted. */
export async function checkSession(
  connection: PgConnection,
  target: PgTarget,
  query: string | undefined,
): Promise<void> {
  await confirmTarget(connection, target);
  if (query === undefined) {
    if (target === 'any') await connection.query('');
    return;
  }
  const { rows } = await connection.query<unknown[]>({ text: query, rowMode: 'array' });
  const answer = rows[0]?.[0];
  if (Number(answer) !== 1) throw new UnexpectedAnswerError(query, answer);
}

/** In recovery every transaction is read-only, so that one question finds a standby and a demoted primary. */
export async function confirmTarget(connection: PgConnection, target: PgTarget): Promise<void> {
  if (target === 'any') return;
  const text = target === 'primary' ? 'SHOW transaction_read_only' : 'SELECT pg_catalog.pg_is_in_recovery()::text';
  const { rows } = await connection.query<unknown[]>({ text, rowMode: 'array' });
  if (rows[0]?.[0] !== (target === 'primary' ? 'off' : 'true')) throw new TargetMismatchError(target);
}

/**
 * What `DISCARD ALL` is made of, without what would forget prepared statements
 * (https://www.postgresql.org/docs/18/sql-discard.html).
 */
const SESSION_RESET = [
  'CLOSE ALL',
  'SET SESSION AUTHORIZATION DEFAULT',
  'RESET ALL',
  'UNLISTEN *',
  'SELECT pg_catalog.pg_advisory_unlock_all()',
  'DISCARD TEMP',
  'DISCARD SEQUENCES',
].join('; ');

type PgSetUp = (connection: PgConnection, context: CallContext) => Promise<void>;

/** Cleans a session. A plain return means that it was clean, and nothing was asked of the server. */
export function resetSession(
  connection: PgConnection,
  context: CallContext,
  level: PgReset,
  setUp: PgSetUp,
): void | Promise<void> {
  if (hasEnded(connection)) throw new ConnectionEndedError('The connection was ended during its lease');
  // Its next error would end the process.
  if (connection.listenerCount?.('error') === 0)
    throw new ConnectionEndedError('The holder of the connection removed the listeners of the pool');
  if (level === 'transaction' && isAtRest(connection)) return;
  return wash(connection, context, level, setUp);
}

async function wash(connection: PgConnection, context: CallContext, level: PgReset, setUp: PgSetUp): Promise<void> {
  await answered(connection);
  if (isInTransaction(connection)) await connection.query('ROLLBACK');
  if (level === 'transaction') return;
  if (level === 'session') await connection.query(SESSION_RESET);
  else {
    await connection.query('DISCARD ALL');
    const wire = wireOf(connection);
    if (wire?.parsedStatements !== undefined) wire.parsedStatements = {};
  }
  await setUp(connection, context);
}

/** Whether nothing can be asked of it any more. */
export function hasEnded(connection: PgConnection): boolean {
  const { _ending, _queryable } = stateOf(connection);
  return _ending === true || _queryable === false;
}

function isAtRest(connection: PgConnection): boolean {
  return !isInTransaction(connection) && isAnswered(connection);
}

/** Open, or failed and waiting for its ROLLBACK. */
function isInTransaction(connection: PgConnection): boolean {
  const status = stateOf(connection).getTransactionStatus?.();
  return status === 'T' || status === 'E';
}

/** Whether no statement is waiting for its answer. */
function isAnswered(connection: PgConnection): boolean {
  const { readyForQuery, _queryQueue } = stateOf(connection);
  return readyForQuery !== false && (_queryQueue?.length ?? 0) === 0;
}

/** A lease may end with statements under way; their transaction status is known when all have been answered. */
function answered(connection: PgConnection): Promise<void> {
  if (isAnswered(connection)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const done = () => {
      connection.removeListener('end', lost);
      resolve();
    };
    const lost = () => {
      connection.removeListener('drain', done);
      reject(new ConnectionEndedError('The connection ended with statements of its last lease unanswered'));
    };
    connection.once('drain', done);
    connection.once('end', lost);
  });
}
