/**
 * Owns the transaction on the write pool: begin, commit, and trying again after a conflict.
 * It must never know what the work does, nor roll back itself: the end of the lease does.
 */
import type { AcquireOptions, ErrorClass, Pool, UseContext } from '@cryo/pool-core';
import { exponentialBackoff, OptionCheck, type Random, type Timer, type Timers } from '@cryo/resilience';
import { SqliteHandle } from './sqlite-handle.ts';
import type { SqliteConnection } from './sqlite-types.ts';

/** What a caller may say about one transaction. `timeoutMs` bounds the wait for the connection, not the work. */
export interface SqliteTransactionOptions extends AcquireOptions {
  /** How often the whole transaction is tried again after a conflict. Default 3. */
  readonly maxRetries?: number;
}

/** The work of a transaction. It may run again after a conflict, everything it wrote having been rolled back. */
export type TransactionWork<Result> = (
  connection: SqliteConnection,
  context: UseContext,
) => Result | PromiseLike<Result>;

/** What transactions run on. */
export interface TransactionDesk {
  readonly pool: Pool<SqliteConnection>;
  readonly classify: (error: unknown) => ErrorClass;
  readonly timers: Timers;
  readonly random: Random;
}

const BACKOFF = exponentialBackoff({ initialMs: 25, maxMs: 1_000, jitter: 'full' });
const RETRIES = { min: 0, integer: true, infinity: true, unit: 'retries' };

/** Runs the work between `BEGIN IMMEDIATE` and `COMMIT`. Whatever is thrown rolls back; a conflict is tried again. */
export async function runTransaction<Result>(
  desk: TransactionDesk,
  work: TransactionWork<Result>,
  { maxRetries = 3, ...options }: SqliteTransactionOptions,
): Promise<Result> {
  const check = new OptionCheck('transaction');
  check.number('maxRetries', maxRetries, RETRIES);
  check.throwIfFaulty();
  let delayMs: number | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      return await desk.pool.use((connection, context) => attemptOnce(connection, context, work), options);
    } catch (error) {
      if (attempt >= maxRetries || desk.classify(error) !== 'conflict') throw error;
    }
    delayMs = BACKOFF.delayMs(attempt, delayMs, desk.random);
    await pause(desk.timers, delayMs, options.signal);
  }
}

/**
 * IMMEDIATE takes the write lock at once, before the work has read anything that another process could change beneath it.
 * The rollback is the reset at the end of the lease, which comes before the failure is told.
 */
async function attemptOnce<Result>(
  connection: SqliteConnection,
  context: UseContext,
  work: TransactionWork<Result>,
): Promise<Result> {
  connection.exec('BEGIN IMMEDIATE');
  const result = await work(connection, context);
  if (connection instanceof SqliteHandle) connection.endIterators();
  connection.exec('COMMIT');
  return result;
}

/** An abort cuts the pause short; the acquire that follows tells of it. */
function pause(timers: Timers, delayMs: number, signal: AcquireOptions['signal']): Promise<void> {
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    const end = () => {
      timer?.cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    timer = timers.set(delayMs, end, { background: false });
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
  });
}
