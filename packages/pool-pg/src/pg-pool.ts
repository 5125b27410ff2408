/**
 * Owns the pool for PostgreSQL: the core's pool, with statements, transactions and listening on top.
 * It must never know how a pool works, nor what a server does with a statement.
 */
import {
  type AcquireOptions,
  createPool,
  createTransactor,
  type Pool,
  parseSettings,
  type TransactionOptions,
  type Transactor,
} from '@cryo/pool-core';
import { OptionCheck, systemClock, systemRandom, systemTimers } from '@cryo/resilience';
import type pg from 'pg';
import { Listening, type PgListenOptions, type PgNotificationHandler, type PgSubscription } from './pg-listen.ts';
import type { PgPoolOptions } from './pg-options.ts';
import { planPgPool } from './pg-plan.ts';
import { type PgQueryParts, runStatement } from './pg-query.ts';
import { type PgTransactionWork, pgStatements } from './pg-transaction.ts';
import type { PgConnection } from './pg-types.ts';

/**
 * A pool of pg's clients. Everything that a pool of @cryo/pool-core can do, and statements without a lease of one's own.
 * A statement that fails by its own fault leaves its connection in the pool.
 */
export interface PgPool extends Pool<PgConnection> {
  /**
   * Runs one statement on a connection of the pool. The answer is pg's own. An abort of `signal` cancels it on the server.
   *
   * @throws AbortedError; what the server answers, as pg has it; what `use` of the pool throws
   */
  query<Row extends unknown[] = unknown[]>(
    statement: pg.QueryArrayConfig,
    values?: readonly unknown[],
    options?: AcquireOptions,
  ): Promise<pg.QueryArrayResult<Row>>;
  /**
   * Runs one statement on a connection of the pool. The answer is pg's own. An abort of `signal` cancels it on the server.
   *
   * @throws AbortedError; what the server answers, as pg has it; what `use` of the pool throws
   */
  query<Row extends pg.QueryResultRow = Record<string, unknown>>(
    statement: string | pg.QueryConfig,
    values?: readonly unknown[],
    options?: AcquireOptions,
  ): Promise<pg.QueryResult<Row>>;
  /**
   * Runs the work between `BEGIN` and `COMMIT`. Whatever is thrown rolls back and reaches the caller as it is; only after a
   * serialization failure or a deadlock is everything tried again. The work can nest transactions with
   * `context.transaction(work)`, which are savepoints.
   *
   * @throws CommitOutcomeUnknownError when COMMIT was sent and not answered; that is never tried again
   * @throws CommitRefusedError when the server rolled back instead, since the work had swallowed the error of a statement
   */
  transaction<Result>(work: PgTransactionWork<Result>, options?: TransactionOptions): Promise<Result>;
  /**
   * Calls the handler with each notification of the channel. All channels share one connection beside the pool's, which comes
   * back by itself. Resolves when the server listens.
   *
   * @throws what the first dial failed with; InvalidOptionsError
   */
  listen(channel: string, handler: PgNotificationHandler, options?: PgListenOptions): Promise<PgSubscription>;
}

/** What a channel's name may be, in bytes: PostgreSQL cuts longer identifiers, and would listen to another channel. */
const LONGEST_CHANNEL = 63;

/**
 * Makes a pool and starts dialing its first `size.min` connections; await `ready()` to know that they are there.
 *
 * @throws InvalidOptionsError listing every fault of the options; then nothing was opened
 */
export function createPgPool(options: PgPoolOptions): PgPool {
  const plan = planPgPool(options);
  const { clock = systemClock, timers = systemTimers, random = systemRandom } = options;
  const pool = createPool(plan.pool);
  const { connect, validation } = parseSettings(plan.pool);
  const transact = createTransactor({ pool, driver: plan.driver, statements: pgStatements, clock, timers, random });
  const listening = new Listening({
    driver: plan.driver,
    clock,
    timers,
    random,
    dialMs: connect.timeoutMs,
    checkEveryMs: validation.intervalMs,
    checkMs: validation.timeoutMs,
  });
  return new PostgresPool({ pool, transact, listening, query: { pool, timers } });
}

interface Parts {
  readonly pool: Pool<PgConnection>;
  readonly transact: Transactor<PgConnection>;
  readonly listening: Listening;
  readonly query: PgQueryParts;
}

class PostgresPool implements PgPool {
  readonly name: string;
  readonly metrics: PgPool['metrics'];
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.pool.name;
    this.metrics = parts.pool.metrics;
  }

  query<Row extends unknown[]>(
    statement: pg.QueryArrayConfig,
    values?: readonly unknown[],
    options?: AcquireOptions,
  ): Promise<pg.QueryArrayResult<Row>>;
  query<Row extends pg.QueryResultRow>(
    statement: string | pg.QueryConfig,
    values?: readonly unknown[],
    options?: AcquireOptions,
  ): Promise<pg.QueryResult<Row>>;
  query(
    statement: string | pg.QueryConfig,
    values?: readonly unknown[],
    options?: AcquireOptions,
  ): Promise<pg.QueryResult | pg.QueryArrayResult> {
    return runStatement(this.#parts.query, statement, values, options);
  }

  async transaction<Result>(work: PgTransactionWork<Result>, options?: TransactionOptions): Promise<Result> {
    return this.#parts.transact(work, options);
  }

  async listen(channel: string, handler: PgNotificationHandler, options?: PgListenOptions): Promise<PgSubscription> {
    const check = new OptionCheck(`listen of pool '${this.name}'`);
    const bytes = typeof channel === 'string' ? Buffer.byteLength(channel) : 0;
    if (bytes === 0 || bytes > LONGEST_CHANNEL)
      check.fault('channel', channel, `a name of 1 to ${LONGEST_CHANNEL} bytes`);
    check.type('handler', handler, 'function');
    if (options?.onGap !== undefined) check.type('onGap', options.onGap, 'function');
    check.throwIfFaulty();
    return this.#parts.listening.listen(channel, handler, options);
  }

  ready: PgPool['ready'] = (options) => this.#parts.pool.ready(options);
  acquire: PgPool['acquire'] = (options) => this.#parts.pool.acquire(options);
  tryAcquire: PgPool['tryAcquire'] = (options) => this.#parts.pool.tryAcquire(options);
  use: PgPool['use'] = (work, options) => this.#parts.pool.use(work, options);
  resize: PgPool['resize'] = (bounds) => this.#parts.pool.resize(bounds);
  recycle: PgPool['recycle'] = () => this.#parts.pool.recycle();
  suspend: PgPool['suspend'] = () => this.#parts.pool.suspend();
  resume: PgPool['resume'] = () => this.#parts.pool.resume();
  snapshot: PgPool['snapshot'] = () => this.#parts.pool.snapshot();
  health: PgPool['health'] = () => this.#parts.pool.health();
  on: PgPool['on'] = (name, listener) => this.#parts.pool.on(name, listener);

  close: PgPool['close'] = async (options) => {
    const [report] = await Promise.all([this.#parts.pool.close(options), this.#parts.listening.close()]);
    return report;
  };
}
