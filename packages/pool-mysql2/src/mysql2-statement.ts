/**
 * Owns the running of one statement for a caller who may lose patience, and of one whose rows come one by one.
 * It must never know which pool the connection is from, nor when its lease ends.
 */
import type { AbortSignal } from '@cryo/resilience';
import type { QueryOptions } from 'mysql2';
import { hangUp } from './mysql2-dial.ts';
import { StatementAbortedError } from './mysql2-errors.ts';
import { coreOf, type MysqlConnection } from './mysql2-types.ts';

/** How long a statement is wanted, and who is told, while it stands, of a connection that ends without its answer. */
export interface Patience {
  readonly signal: AbortSignal | undefined;
  orphaned(connection: MysqlConnection): void;
}

/** Runs a statement. When the signal aborts, the connection is ended, which is the one way to be rid of an answer. */
export async function interruptibly<Result>(
  connection: MysqlConnection,
  { signal, orphaned }: Patience,
  statement: () => Promise<Result>,
): Promise<Result> {
  const aborted = () => {
    orphaned(connection);
    hangUp(coreOf(connection));
  };
  if (isAborted(signal)) throw new StatementAbortedError(signal?.reason);
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await statement();
  } catch (error) {
    if (isAborted(signal)) throw new StatementAbortedError(signal?.reason);
    if (isTimeout(error)) orphaned(connection);
    throw error;
  } finally {
    signal?.removeEventListener('abort', aborted);
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** mysql2's own `timeout` of a statement. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'PROTOCOL_SEQUENCE_TIMEOUT';
}

/** The rows of a statement as they come, a few at a time. */
export async function* rowsOf<Row>(
  connection: MysqlConnection,
  sql: string | QueryOptions,
  values: unknown,
  { signal, orphaned, highWaterMark }: Patience & { readonly highWaterMark: number | undefined },
): AsyncGenerator<Row, void, undefined> {
  const core = coreOf(connection);
  const query = typeof sql === 'string' ? { sql } : sql;
  const stream = core
    .query(values === undefined ? query : { ...query, values: values as never })
    .stream(highWaterMark === undefined ? {} : { highWaterMark });
  const aborted = () => {
    orphaned(connection);
    stream.destroy(new StatementAbortedError(signal?.reason));
  };
  signal?.addEventListener('abort', aborted, { once: true });
  if (isAborted(signal)) aborted();
  try {
    for await (const row of stream) yield row as Row;
  } finally {
    signal?.removeEventListener('abort', aborted);
    stream.destroy();
  }
}
