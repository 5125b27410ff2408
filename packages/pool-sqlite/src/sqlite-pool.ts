/**
 * Owns the facade over the two pools on one database file: which of them serves, and how both end.
 * It must never know how a pool works, nor what SQLite does with a statement.
 */
import {
  type AcquireOptions,
  type CloseReport,
  createPool,
  createTransactor,
  type Health,
  type Lease,
  type Pool,
  type PoolSnapshot,
  type ReadyOptions,
  type Transactor,
  type UseContext,
  type UseOptions,
} from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import type { DatabaseFile } from './sqlite-file.ts';
import type { SqlitePoolOptions } from './sqlite-options.ts';
import { planSqlitePool } from './sqlite-plan.ts';
import { readRows, runStatement, type SqliteWriteResult } from './sqlite-query.ts';
import { type SqliteTransactionOptions, sqliteStatements, type TransactionWork } from './sqlite-transaction.ts';
import type { SqliteConnection, SqliteMode, SqliteParameters } from './sqlite-types.ts';

/** Which pool serves. `read` connections can't write; they run beside the writer and see all that is committed. */
export interface SqliteModeOption {
  /** Default `'write'`, which is right whatever the work does. */
  readonly mode?: SqliteMode;
}

/** Both pools at one moment. */
export interface SqlitePoolSnapshot {
  /** The pool of readers. */
  readonly read: PoolSnapshot;
  /** The pool of the one writer. */
  readonly write: PoolSnapshot;
}

/** The health of both pools, and the worse of the two. */
export interface SqlitePoolHealth extends Health {
  /** That of the readers. */
  readonly read: Health;
  /** That of the one writer. */
  readonly write: Health;
}

/**
 * A pool of readers and a pool of one writer on one SQLite file. The connections are handles of better-sqlite3 in this
 * process: **a statement blocks the event loop until SQLite has answered it**. What the pools add is the order in which
 * callers get a handle, for as long as they await something in between, and clean handles for each.
 */
export interface SqlitePool {
  /** Connections that can't write. */
  readonly read: Pool<SqliteConnection>;
  /** One connection: SQLite has one writer at a time. */
  readonly write: Pool<SqliteConnection>;
  /** Resolves once both pools have their `min` connections. @throws what `ready` of the pool throws */
  ready(options?: ReadyOptions): Promise<void>;
  /** Lends a connection. @throws what `acquire` of the pool throws */
  acquire(options?: AcquireOptions & SqliteModeOption): Promise<Lease<SqliteConnection>>;
  /** Acquires, works, releases. What the work throws reaches the caller as it is. */
  use<Result>(
    work: (connection: SqliteConnection, context: UseContext) => Result | PromiseLike<Result>,
    options?: UseOptions & SqliteModeOption,
  ): Promise<Result>;
  /** Runs one statement on the read pool and answers its rows. */
  query<Row = Record<string, unknown>>(
    sql: string,
    parameters: SqliteParameters | undefined,
    options: AcquireOptions & { readonly mode: 'read' },
  ): Promise<Row[]>;
  /** Runs one statement on the write pool and answers what it changed, and the rows of `RETURNING` or `SELECT`. */
  query<Row = Record<string, unknown>>(
    sql: string,
    parameters?: SqliteParameters,
    options?: AcquireOptions & { readonly mode?: 'write' },
  ): Promise<SqliteWriteResult<Row>>;
  /**
   * Runs the work on the write pool between `BEGIN IMMEDIATE` and `COMMIT`. Whatever is thrown, also by `COMMIT`, rolls
   * back and reaches the caller as it is; only after a conflict with another process is everything tried again. The work
   * can nest transactions with `context.transaction(work)`, which are savepoints.
   */
  transaction<Result>(work: TransactionWork<Result>, options?: SqliteTransactionOptions): Promise<Result>;
  /** Everything there is to see of both pools, at this moment, as frozen plain values. */
  snapshot(): SqlitePoolSnapshot;
  /** Whether requests would be served now, and what was wrong in the last minute, with reasons. */
  health(): SqlitePoolHealth;
  /**
   * Closes both pools: waiters are refused, leases get `timeoutMs` to come home. The last handle merges the write-ahead
   * log into the file, so that one file is left.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<CloseReport>;
}

const WORST_LAST = ['ok', 'degraded', 'down'] as const;

class SqlitePoolPair implements SqlitePool {
  readonly read: Pool<SqliteConnection>;
  readonly write: Pool<SqliteConnection>;
  readonly #file: DatabaseFile;
  readonly #transact: Transactor<SqliteConnection>;

  constructor(options: SqlitePoolOptions) {
    const { file, read, write } = planSqlitePool(options);
    this.#file = file;
    this.write = createPool(write);
    this.read = createPool(read);
    const { driver, clock, timers, random } = write;
    this.#transact = createTransactor({
      pool: this.write,
      driver,
      statements: sqliteStatements,
      clock,
      timers,
      random,
    });
  }

  async ready(options?: ReadyOptions): Promise<void> {
    await Promise.all([this.read.ready(options), this.write.ready(options)]);
  }

  async acquire(options?: AcquireOptions & SqliteModeOption): Promise<Lease<SqliteConnection>> {
    const { pool, rest } = this.#serving('acquire', options);
    return pool.acquire(rest);
  }

  async use<Result>(
    work: (connection: SqliteConnection, context: UseContext) => Result | PromiseLike<Result>,
    options?: UseOptions & SqliteModeOption,
  ): Promise<Result> {
    const { pool, rest } = this.#serving('use', options);
    return pool.use(work, rest);
  }

  query<Row>(
    sql: string,
    parameters: SqliteParameters | undefined,
    options: AcquireOptions & { readonly mode: 'read' },
  ): Promise<Row[]>;
  query<Row>(
    sql: string,
    parameters?: SqliteParameters,
    options?: AcquireOptions & { readonly mode?: 'write' },
  ): Promise<SqliteWriteResult<Row>>;
  async query<Row>(
    sql: string,
    parameters?: SqliteParameters,
    options?: AcquireOptions & SqliteModeOption,
  ): Promise<Row[] | SqliteWriteResult<Row>> {
    const { pool, rest } = this.#serving('query', options);
    const run: typeof readRows<Row> | typeof runStatement<Row> = pool === this.read ? readRows : runStatement;
    return pool.use((connection) => run(connection, sql, parameters), rest);
  }

  async transaction<Result>(work: TransactionWork<Result>, options?: SqliteTransactionOptions): Promise<Result> {
    return this.#transact(work, options);
  }

  snapshot(): SqlitePoolSnapshot {
    return Object.freeze({ read: this.read.snapshot(), write: this.write.snapshot() });
  }

  health(): SqlitePoolHealth {
    const [read, write] = [this.read.health(), this.write.health()];
    const worse = Math.max(WORST_LAST.indexOf(read.status), WORST_LAST.indexOf(write.status));
    const status = WORST_LAST[worse] ?? 'down';
    return Object.freeze({ status, reasons: [...read.reasons, ...write.reasons], read, write });
  }

  async close(options?: { readonly timeoutMs?: number }): Promise<CloseReport> {
    const [read, write] = await Promise.all([this.read.close(options), this.write.close(options)]);
    this.#file.mergeLog();
    return { drained: read.drained && write.drained, culprits: [...read.culprits, ...write.culprits] };
  }

  #serving<Options extends SqliteModeOption>(
    call: string,
    { mode = 'write', ...rest }: Options = {} as Options,
  ): { readonly pool: Pool<SqliteConnection>; readonly rest: Omit<Options, 'mode'> } {
    if (mode === 'read') return { pool: this.read, rest };
    if (mode === 'write') return { pool: this.write, rest };
    const subject = `${call} of pools '${this.read.name}' and '${this.write.name}'`;
    throw new InvalidOptionsError(subject, [{ path: 'mode', value: mode, expected: "'read' or 'write'" }]);
  }
}

/**
 * Makes both pools on a file and starts opening their first connections; await `ready()` to know that they are there. The
 * file is made when it is missing, and put in WAL mode, in which readers and the writer don't wait for each other.
 *
 * @throws InvalidOptionsError listing every fault of the options; then nothing was opened
 */
export function createSqlitePool(options: SqlitePoolOptions): SqlitePool {
  return new SqlitePoolPair(options);
}
