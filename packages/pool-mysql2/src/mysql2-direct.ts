/**
 * Owns a statement that nobody can end early, from its lease to its answer, at the least cost that mysql2 allows.
 * It must never know what the statement does, nor how long anybody wants to wait.
 */
import type { Lease, Pool } from '@cryo/pool-core';
import type { FieldPacket, QueryOptions, QueryResult } from 'mysql2';
import { coreOf, type MysqlConnection } from './mysql2-types.ts';

type Answered<Result> = (error: unknown, result: Result, fields: FieldPacket[]) => void;

/** The forms of `query` and `execute`, which are one to mysql2 and several to its types. */
type Asked<Result> = Record<'query' | 'execute', (sql: string | QueryOptions, ...rest: Rest<Result>) => unknown>;
type Rest<Result> = [answered: Answered<Result>] | [values: unknown, answered: Answered<Result>];

/**
 * Runs a statement that nobody can end early, which most are: it needs no context, mysql2's callback gives the connection
 * back, and the one promise beside that of a wait is the caller's own.
 */
export function runToItsEnd<Result extends QueryResult>(
  pool: Pool<MysqlConnection>,
  how: 'query' | 'execute',
  sql: string | QueryOptions,
  values: unknown,
): Promise<[Result, FieldPacket[]]> {
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const lend = (lease: Lease<MysqlConnection>): void => {
      try {
        const core = coreOf(lease.connection) as object as Asked<Result>;
        const answered: Answered<Result> = (error, result, fields) => {
          // After its own timeout mysql2 tells of the end of the connection too.
          if (isAnswered) return;
          isAnswered = true;
          if (error !== null && error !== undefined) return resolve(fail(lease, error));
          lease.release();
          resolve([result, fields]);
        };
        if (values === undefined) core[how](sql, answered);
        else core[how](sql, values, answered);
      } catch (error) {
        // What was answered was heard, and its failure too: a second one would have nobody to listen.
        if (!isAnswered) resolve(fail(lease, error));
      }
    };
    const lease = pool.tryAcquire();
    if (lease === undefined) pool.acquire().then(lend, reject);
    else lend(lease);
  });
}

/**
 * mysql2 tells of an error before the command is over; a connection given back then would not be clean. By the second turn
 * the caller's promise follows this one, and the stack can lead to who asked instead of to where a packet was read.
 */
async function fail(lease: Lease<MysqlConnection>, error: unknown): Promise<never> {
  await undefined;
  await undefined;
  lease.release(error);
  if (error instanceof Error && Object.isExtensible(error)) Error.captureStackTrace(error, fail);
  throw error;
}
