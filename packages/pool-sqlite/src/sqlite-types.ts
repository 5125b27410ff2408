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
  /** What the row calls it: the alias, where there is one. */
  readonly name: string;
  /** The column of the table. */
  readonly column: string | null;
  /** The table. */
  readonly table: string | null;
  /** The attached database, such as `main`. */
  readonly database: string | null;
  /** The type as it was declared. */
  readonly type: string | null;
}

/** A prepared statement of better-sqlite3. It belongs to the connection that prepared it, and to its lease. */
export interface SqliteStatement<Row = unknown> {
  /** Whether it returns rows. */
  readonly reader: boolean;
  /** Whether SQLite says that it writes nothing. */
  readonly readonly: boolean;
  /** The text it was made from. */
  readonly source: string;
  /** The connection that prepared it. */
  readonly database: SqliteConnection;
  /** Whether an iterator over it is open. */
  readonly busy: boolean;
  /** Runs it for what it changes. */
  run(...parameters: readonly unknown[]): SqliteRunResult;
  /** The first row; `undefined` when there is none. */
  get(...parameters: readonly unknown[]): Row | undefined;
  /** Every row. */
  all(...parameters: readonly unknown[]): Row[];
  /** Row by row. It has to be read to its end, or ended. */
  iterate(...parameters: readonly unknown[]): IterableIterator<Row>;
  /** Fixes its parameters for good. */
  bind(...parameters: readonly unknown[]): this;
  /** Whether rows are their first column only. */
  pluck(toggle?: boolean): this;
  /** Whether rows are objects by table. */
  expand(toggle?: boolean): this;
  /** Whether rows are arrays. */
  raw(toggle?: boolean): this;
  /** Whether integers of its rows are read as `bigint`. */
  safeIntegers(toggle?: boolean): this;
  /** The columns of its rows. */
  columns(): SqliteColumn[];
}

/** A function that runs in a transaction, or in a savepoint where one is open already. It must not return a promise. */
export interface SqliteTransaction<Parameters extends readonly unknown[], Result> {
  (...parameters: Parameters): Result;
  /** The same function. */
  default(...parameters: Parameters): Result;
  /** Begins with `BEGIN DEFERRED`. */
  deferred(...parameters: Parameters): Result;
  /** Begins with `BEGIN IMMEDIATE`. */
  immediate(...parameters: Parameters): Result;
  /** Begins with `BEGIN EXCLUSIVE`. */
  exclusive(...parameters: Parameters): Result;
}

/** How a function is registered. */
export interface SqliteFunctionOptions {
  /** The same arguments always give the same answer, so SQLite may ask once. Default false. */
  readonly deterministic?: boolean;
  /** Not to be called from triggers, views and the schema. Default false. */
  readonly directOnly?: boolean;
  /** Integers come as `bigint`. Default: as the connection has it. */
  readonly safeIntegers?: boolean;
  /** Takes any number of arguments. Default false. */
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
  /** How many pages the database has. */
  readonly totalPages: number;
  /** How many of them are not copied yet. */
  readonly remainingPages: number;
}

/**
 * The handle that is lent: better-sqlite3's own `Database`, in this process. **Every call on it is synchronous and blocks
 * the event loop until SQLite answers.** Where `@types/better-sqlite3` is installed, `connection as Database.Database`
 * is the same object under the library's own type.
 */
export interface SqliteConnection {
  /** The path that it was opened with. */
  readonly name: string;
  /** Whether it is open. */
  readonly open: boolean;
  /** Whether a transaction is open on it. */
  readonly inTransaction: boolean;
  /** Whether it was opened for reading only. */
  readonly readonly: boolean;
  /** Whether its database is in memory; never, in a pool. */
  readonly memory: boolean;
  /** Compiles one statement. */
  prepare<Row = unknown>(source: string): SqliteStatement<Row>;
  /** Runs all statements of a text, and answers nothing of theirs. */
  exec(source: string): this;
  /** Runs a `PRAGMA` and answers its rows; with `simple` the first column of the first row. */
  pragma(source: string, options?: { readonly simple?: boolean }): unknown;
  /** Makes a function that runs the work in a transaction, with no second try. */
  transaction<Parameters extends readonly unknown[], Result>(
    work: (...parameters: Parameters) => Result,
  ): SqliteTransaction<Parameters, Result>;
  /** Registers a function of SQL. In `setup`: what a lease registers costs the handle. */
  function(name: string, work: SqliteFunction): this;
  /** Registers a function of SQL. In `setup`: what a lease registers costs the handle. */
  function(name: string, options: SqliteFunctionOptions, work: SqliteFunction): this;
  /** Registers an aggregate function, as better-sqlite3 has it. */
  aggregate(name: string, options: object): this;
  /** Registers a virtual table, as better-sqlite3 has it. */
  table(name: string, definition: object): this;
  /** Loads an SQLite extension. */
  loadExtension(path: string, entryPoint?: string): this;
  /** Copies the database into a file, step by step. */
  backup(file: string, options?: SqliteBackupOptions): Promise<SqliteBackupProgress>;
  /** The database as bytes, as a file would hold them. */
  serialize(options?: { readonly attached?: string }): Uint8Array;
  /** Whether integers are read as `bigint` from now on. */
  defaultSafeIntegers(toggle?: boolean): this;
  /** Whether statements may run while an iterator is open. */
  unsafeMode(toggle?: boolean): this;
  /** Ends the handle. The pool does that; a lease should not. */
  close(): this;
}

/** Which of the two pools a connection is for: those of `read` can't write. */
export type SqliteMode = 'read' | 'write';

/** Prepares a new connection before it is lent: functions, pragmas, attached files. It must be synchronous. */
export type SqliteSetup = (connection: SqliteConnection, mode: SqliteMode) => void;
