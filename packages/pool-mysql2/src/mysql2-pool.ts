/**
 * Owns the pool for MySQL and MariaDB: statements, leases and transactions on connections of mysql2.
 * It must never know how a pool decides, nor what a statement does.
 */
import {
  type AcquireOptions,
  createPool,
  createTransactor,
  type Pool,
  type PoolOptions,
  type Transactor,
  type UseOptions,
} from '@cryo/pool-core';
import type { ExecuteValues, QueryOptions, QueryResult, QueryValues, RowDataPacket } from 'mysql2';
import { runToItsEnd } from './mysql2-direct.ts';
import { Killer } from './mysql2-kill.ts';
import type { MysqlPoolOptions } from './mysql2-options.ts';
import { planMysqlPool } from './mysql2-plan.ts';
import { interruptibly, rowsOf } from './mysql2-statement.ts';
import { type MysqlTransactionOptions, mysqlStatements, onceOnly, type TransactionWork } from './mysql2-transaction.ts';
import type { MysqlConnection, MysqlResult } from './mysql2-types.ts';

/** What a caller may say about a stream of rows. */
export interface MysqlStreamOptions extends AcquireOptions {
  /** Rows that are read ahead. Default 16. */
  readonly highWaterMark?: number;
}

/**
 * A pool of connections of `mysql2/promise`. `signal` ends the wait for a connection, and of `query`, `execute` and `stream`
 * also a statement that runs: by ending its connection, since MySQL knows no other way to be rid of an answer. The server is
 * told to end it too, by the next free connection.
 */
export interface MysqlPool extends Pool<MysqlConnection> {
  /** Runs one statement, values put into its text by mysql2. Answers what mysql2 answers: `[rows, fields]`. */
  query<Result extends QueryResult = RowDataPacket[]>(
    sql: string | QueryOptions,
    values?: QueryValues,
    options?: UseOptions,
  ): Promise<MysqlResult<Result>>;
  /** Runs one statement prepared by the server; mysql2 keeps it prepared on the connection. */
  execute<Result extends QueryResult = RowDataPacket[]>(
    sql: string | QueryOptions,
    values?: ExecuteValues,
    options?: UseOptions,
  ): Promise<MysqlResult<Result>>;
  /** The rows of one statement as they come, in a lease that ends with the loop. */
  stream<Row = RowDataPacket>(
    sql: string | QueryOptions,
    values?: QueryValues,
    options?: MysqlStreamOptions,
  ): AsyncGenerator<Row, void, undefined>;
  /**
   * Runs the work between `START TRANSACTION` and `COMMIT`. Whatever is thrown rolls back and reaches the caller as it is; only
   * after a deadlock or a lock wait timeout is everything tried again. `context.transaction(work)` nests by a savepoint.
   *
   * @throws CommitOutcomeUnknownError when no answer to COMMIT came
   */
  transaction<Result>(work: TransactionWork<Result>, options?: MysqlTransactionOptions): Promise<Result>;
}

class MysqlConnectionPool implements MysqlPool {
  readonly name: string;
  readonly metrics: MysqlPool['metrics'];
  readonly #pool: Pool<MysqlConnection>;
  readonly #transact: Transactor<MysqlConnection>;

  constructor(options: PoolOptions<MysqlConnection>, killer: Killer) {
    this.#pool = createPool(options);
    killer.serve(this.#pool);
    this.name = this.#pool.name;
    this.metrics = this.#pool.metrics;
    const { driver, clock, timers, random } = options;
    this.#transact = createTransactor({
      pool: this.#pool,
      driver,
      statements: mysqlStatements,
      ...(clock === undefined ? {} : { clock }),
      ...(timers === undefined ? {} : { timers }),
      ...(random === undefined ? {} : { random }),
    });
  }

  query<Result extends QueryResult = RowDataPacket[]>(
    sql: string | QueryOptions,
    values?: QueryValues,
    options?: UseOptions,
  ): Promise<MysqlResult<Result>> {
    // A callback is for the driver to refuse.
    if (options === undefined && typeof values !== 'function') return runToItsEnd(this.#pool, 'query', sql, values);
    return this.#pool.use(
      (connection, context) =>
        interruptibly(connection, options?.signal && context.signal, () =>
          // Both forms are one to mysql2, and two to its types.
          connection.query<Result>(sql as string, values),
        ),
      options,
    );
  }

  execute<Result extends QueryResult = RowDataPacket[]>(
    sql: string | QueryOptions,
    values?: ExecuteValues,
    options?: UseOptions,
  ): Promise<MysqlResult<Result>> {
    if (options === undefined && typeof values !== 'function') return runToItsEnd(this.#pool, 'execute', sql, values);
    return this.#pool.use(
      (connection, context) =>
        interruptibly(connection, options?.signal && context.signal, () =>
          connection.execute<Result>(sql as string, values as ExecuteValues),
        ),
      options,
    );
  }

  async *stream<Row = RowDataPacket>(
    sql: string | QueryOptions,
    values?: QueryValues,
    options: MysqlStreamOptions = {},
  ): AsyncGenerator<Row, void, undefined> {
    const { highWaterMark, ...acquire } = options;
    const lease = await this.#pool.acquire(acquire);
    let failure: { readonly error: unknown } | undefined;
    try {
      yield* rowsOf<Row>(lease.connection, sql, values, { signal: acquire.signal, highWaterMark });
    } catch (error) {
      failure = { error };
      throw error;
    } finally {
      if (failure === undefined) lease.release();
      else lease.release(failure.error);
    }
  }

  async transaction<Result>(work: TransactionWork<Result>, options?: MysqlTransactionOptions): Promise<Result> {
    return this.#transact(onceOnly(work), options);
  }

  ready: MysqlPool['ready'] = (options) => this.#pool.ready(options);
  acquire: MysqlPool['acquire'] = (options) => this.#pool.acquire(options);
  tryAcquire: MysqlPool['tryAcquire'] = (options) => this.#pool.tryAcquire(options);
  use: MysqlPool['use'] = (work, options) => this.#pool.use(work, options);
  resize: MysqlPool['resize'] = (bounds) => this.#pool.resize(bounds);
  recycle: MysqlPool['recycle'] = () => this.#pool.recycle();
  suspend: MysqlPool['suspend'] = () => this.#pool.suspend();
  resume: MysqlPool['resume'] = () => this.#pool.resume();
  snapshot: MysqlPool['snapshot'] = () => this.#pool.snapshot();
  health: MysqlPool['health'] = () => this.#pool.health();
  on: MysqlPool['on'] = (name, listener) => this.#pool.on(name, listener);
  close: MysqlPool['close'] = (options) => this.#pool.close(options);
}

/**
 * Makes a pool and starts dialing its first `min` connections; await `ready()` to know that they are there.
 *
 * @throws InvalidOptionsError listing every fault of the options; then nothing was opened
 */
export function createMysqlPool(options: MysqlPoolOptions): MysqlPool {
  const killer = new Killer();
  return new MysqlConnectionPool(
    planMysqlPool(options, (core) => killer.end(core)),
    killer,
  );
}
