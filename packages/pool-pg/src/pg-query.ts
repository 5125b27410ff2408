/**
 * Owns a statement run for a caller who holds no connection: what may be asked so, and what an abort makes of it.
 * It must never know which connection runs it.
 */
import type { AcquireOptions, Lease, Pool } from '@cryo/pool-core';
import { AbortedError, OptionCheck, type Timers } from '@cryo/resilience';
import type pg from 'pg';
import { cancellable } from './pg-cancel.ts';
import type { PgConnection } from './pg-types.ts';

/** A statement as pg takes it: its text, or an object with `text`, `values`, `name`, `rowMode`, `types`. */
export type PgStatement = string | pg.QueryConfig;

export interface PgQueryParts {
  readonly pool: Pool<PgConnection>;
  readonly timers: Timers;
}

type Answer = pg.QueryResult<pg.QueryResultRow> | pg.QueryArrayResult;

/**
 * Lends a connection to one statement. An abort before the answer cancels it on the server.
 *
 * @throws AbortedError when the abort ended the statement; what had been answered is answered all the same
 */
export function runStatement(
  parts: PgQueryParts,
  statement: PgStatement,
  values: readonly unknown[] | undefined,
  options: AcquireOptions | undefined,
): Promise<Answer> {
  // An object would keep the callback that pg is given, and answer no promise to who uses it next.
  const isPlain = typeof statement === 'string' && typeof values !== 'function' && options === undefined;
  if (isPlain) return runText(parts.pool, statement, values);
  return runWithOptions(parts, statement, values, options);
}

/**
 * Most calls. Nobody can end it early, so that it needs no context; pg's callback gives the connection back, and the one
 * promise beside that of a wait is the caller's own.
 */
function runText(pool: Pool<PgConnection>, text: string, values: readonly unknown[] | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const lend = (lease: Lease<PgConnection>): void => {
      try {
        // pg's own type wants an array that it could change; it changes none.
        lease.connection.query<pg.QueryResultRow>(text, values as unknown[], (error, answer) => {
          if (error) return resolve(fail(lease, error));
          lease.release();
          resolve(answer);
        });
      } catch (error) {
        resolve(fail(lease, error));
      }
    };
    const lease = pool.tryAcquire();
    if (lease === undefined) pool.acquire().then(lend, reject);
    else lend(lease);
  });
}

/**
 * pg tells of an error before it has read all of the answer; a connection given back then would not be at rest. By the second
 * turn the caller's promise follows this one, and the stack can lead to who asked instead of to where a byte was read.
 */
async function fail(lease: Lease<PgConnection>, error: unknown): Promise<never> {
  await undefined;
  await undefined;
  lease.release(error);
  if (error instanceof Error && Object.isExtensible(error)) Error.captureStackTrace(error, fail);
  throw error;
}

async function runWithOptions(
  { pool, timers }: PgQueryParts,
  statement: PgStatement,
  values: readonly unknown[] | undefined,
  options: AcquireOptions | undefined,
): Promise<Answer> {
  checkStatement(pool.name, statement, values);
  const run = (connection: PgConnection): Promise<Answer> =>
    connection.query(statement, values as unknown[] | undefined);
  const signal = options?.signal;
  if (signal === undefined) return pool.use(run, options);
  let isAsked = false;
  const work = (connection: PgConnection): Promise<Answer> =>
    cancellable(connection, { signal, timers }, () => {
      isAsked = true;
      return run(connection);
    });
  try {
    return await pool.use(work, options);
  } catch (error) {
    if (isAsked && signal.aborted) throw new AbortedError(signal.reason, 'The statement was aborted by its caller');
    throw error;
  }
}

function checkStatement(pool: string, statement: unknown, values: unknown): void {
  const text = typeof statement === 'object' && statement !== null ? (statement as pg.QueryConfig).text : statement;
  const isSubmittable = typeof (statement as { readonly submit?: unknown } | null)?.submit === 'function';
  const callback = (statement as { readonly callback?: unknown } | null)?.callback;
  if (typeof text === 'string' && !isSubmittable && callback === undefined && typeof values !== 'function') return;
  const check = new OptionCheck(`query of pool '${pool}'`);
  if (typeof values === 'function') check.fault('values', values, 'an array: the answer is a promise, not a callback');
  if (callback !== undefined) check.fault('statement.callback', callback, 'none: the answer is a promise');
  const expected =
    'a text or an object with one; a cursor or a stream needs a connection for as long as it is read: use()';
  if (typeof text !== 'string' || isSubmittable) {
    check.fault('statement', isSubmittable ? 'a submittable' : statement, expected);
  }
  check.throwIfFaulty();
}
