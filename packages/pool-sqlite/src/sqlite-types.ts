/**
 * Owns the slice of better-sqlite3 that is lent and called here, by shape, so that no `@types` package is needed.
 * It must never know who calls it, nor what a pool is.
 */
/// <reference path="../better-sqlite3.d.ts" />

/** Values for the placeholders of a statement: by position, or by name without the `@`, `:` or `$`. */
export type SqliteParameters = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What a statement that returns no rows answers. */
export interface SqliteRunResult {
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
  /** The rowid of the last insert on this connection, a `bigint` with safe integers. */
  readonly lastInsertRowid: number | bigint;
}

/** A column of a statement's answer; `null` where it comes from an expression. */
export interface SqliteColumn {
  readonly name: string;
  readonly column: string | null;
  readonly table: string | null;
  readonly database: string | null;
  readonly type: string | null;
}

/** A prepared statement of better-sqlite3. It belongs to the connection that prepared it, and to its lease. */
export interface SqliteStatement<Row = unknown> {
  /** Whether it returns rows. */
  readonly reader: boolean;
  /** Whether SQLite says that it writes nothing. */
  readonly readonly: boolean;
  readonly source: string;
  readonly database: SqliteConnection;
  /** Whether an iterator over it is open. */
  readonly busy: boolean;
  run(...parameters: readonly unknown[]): SqliteRunResult;
  get(...parameters: readonly unknown[]): Row | undefined;
  all(...parameters: readonly unknown[]): Row[];
  iterate(...parameters: readonly unknown[]): IterableIterator<Row>;
  bind(...parameters: readonly unknown[]): this;
  pluck(toggle?: boolean): this;
  expand(toggle?: boolean): this;
  raw(toggle?: boolean): this;
  safeIntegers(toggle?: boolean): this;
  columns(): SqliteColumn[];
}

/** A function that runs in a transaction, or in a savepoint where one is open already. It must not return a promise. */
export interface SqliteTransaction<Parameters extends readonly unknown[], Result> {
  (...parameters: Parameters): Result;
  default(...parameters: Parameters): Result;
  deferred(...parameters: Parameters): Result;
  immediate(...parameters: Parameters): Result;
  exclusive(...parameters: Parameters): Result;
}

/** How a function is registered. */
export interface SqliteFunctionOptions {
  readonly deterministic?: boolean;
  readonly directOnly?: boolean;
  readonly safeIntegers?: boolean;
  readonly varargs?: boolean;
}

/** What SQL calls a registered function with: `null`, numbers, strings, bytes. */
export type SqliteFunction = (...parameters: never[]) => unknown;

/** How a backup is made. */
export interface SqliteBackupOptions {
  /** The attached database to copy. Default `main`. */
  readonly attached?: string;
  /** Called between steps; it answers how many pages the next one copies. */
  progress?(progress: SqliteBackupProgress): number;
}

/** How far a backup has come. */
export interface SqliteBackupProgress {
  readonly totalPages: number;
  readonly remainingPages: number;
}

/**
 * The handle that is lent: better-sqlite3's own `Database`, in this process. **Every call on it is synchronous and blocks
 * the event loop until SQLite answers.** Where `@types/better-sqlite3` is installed, `connection as Database.Database`
 * is the same object under the library's own type.
 */
export interface SqliteConnection {
  readonly name: string;
  readonly open: boolean;
  readonly inTransaction: boolean;
  readonly readonly: boolean;
  readonly memory: boolean;
  prepare<Row = unknown>(source: string): SqliteStatement<Row>;
  exec(source: string): this;
  pragma(source: string, options?: { readonly simple?: boolean }): unknown;
  transaction<Parameters extends readonly unknown[], Result>(
    work: (...parameters: Parameters) => Result,
  ): SqliteTransaction<Parameters, Result>;
  function(name: string, work: SqliteFunction): this;
  function(name: string, options: SqliteFunctionOptions, work: SqliteFunction): this;
  aggregate(name: string, options: object): this;
  table(name: string, definition: object): this;
  loadExtension(path: string, entryPoint?: string): this;
  backup(file: string, options?: SqliteBackupOptions): Promise<SqliteBackupProgress>;
  serialize(options?: { readonly attached?: string }): Uint8Array;
  defaultSafeIntegers(toggle?: boolean): this;
  unsafeMode(toggle?: boolean): this;
  close(): this;
}

/** Which of the two pools a connection is for: those of `read` can't write. */
export type SqliteMode = 'read' | 'write';

/** Prepares a new connection before it is lent: functions, pragmas, attached files. It must be synchronous. */
export type SqliteSetup = (connection: SqliteConnection, mode: SqliteMode) => void;
