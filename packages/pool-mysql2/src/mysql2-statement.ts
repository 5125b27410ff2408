/**
 * Owns the running of one statement for a caller who may lose patience, and of one whose rows come one by one.
 * It must never know which pool the connection is from, nor when its lease ends.
 */
import type { AbortSignal } from '@cryo/resilience';
import type { QueryOptions } from 'mysql2';
import { hangUp } from './mysql2-dial.ts';
import { StatementAbortedError } from './mysql2-errors.ts';
import { coreOf, type MysqlConnection } from './mysql2-types.ts';

/** Runs a statement. When the signal aborts, the connection is ended, which is the one way to be rid of an answer. */
export async function interruptibly<Result>(
  connection: MysqlConnection,
  signal: AbortSignal | undefined,
  statement: () => Promise<Result>,
): Promise<Result> {
  if (signal === undefined) return statement();
  const aborted = () => hangUp(coreOf(connection));
  if (signal.aborted) throw new StatementAbortedError(signal.reason);
  signal.addEventListener('abort', aborted, { once: true });
  try {
    return await statement();
  } catch (error) {
    throw signal.aborted ? new StatementAbortedError(signal.reason) : error;
  } finally {
    signal.removeEventListener('abort', aborted);
  }
}

/** The rows of a statement as they come, a few at a time. */
export async function* rowsOf<Row>(
  connection: MysqlConnection,
  sql: string | QueryOptions,
  values: unknown,
  { signal, highWaterMark }: { readonly signal: AbortSignal | undefined; readonly highWaterMark: number | undefined },
): AsyncGenerator<Row, void, undefined> {
  const core = coreOf(connection);
  const query = typeof sql === 'string' ? { sql } : sql;
  const stream = core
    .query(values === undefined ? query : { ...query, values: values as never })
    .stream(highWaterMark === undefined ? {} : { highWaterMark });
  const aborted = () => stream.destroy(new StatementAbortedError(signal?.reason));
  signal?.addEventListener('abort', aborted, { once: true });
  if (signal?.aborted === true) aborted();
  try {
    for await (const row of stream) yield row as Row;
  } finally {
    signal?.removeEventListener('abort', aborted);
    stream.destroy();
  }
}
