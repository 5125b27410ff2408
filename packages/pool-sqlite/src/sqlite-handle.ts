/**
 * Owns the handle that is lent: better-sqlite3's own, which notes what a lease does to its session and undoes it.
 * It must never know the pool, the file beneath, nor what its holder is working on.
 */
import Database from 'better-sqlite3';
import { SessionNotCleanError } from './sqlite-errors.ts';
import { Session, touchesSession } from './sqlite-session.ts';
import type {
  SqliteBackupOptions,
  SqliteBackupProgress,
  SqliteFunction,
  SqliteFunctionOptions,
  SqliteStatement,
} from './sqlite-types.ts';

/** The only setting of a session that SQLite does not tell. */
const UNTOLD_SETTING = /\bcase_sensitive_like\b/i;

/** How many unfinished iterators are remembered before the finished ones among them are looked for. */
const FEW_ITERATORS = 64;

interface Flags {
  readonly safeIntegers: boolean;
  readonly unsafeMode: boolean;
}

/** A handle of better-sqlite3 in every respect, `instanceof` included. */
export class SqliteHandle extends Database {
  readonly #session = new Session({ prepare: (source) => super.prepare(source), exec: (source) => super.exec(source) });
  readonly #iterators = new Map<SqliteStatement, IterableIterator<unknown>>();
  #iteratorLimit = FEW_ITERATORS;
  /** What was done that SQLite has no way to undo. */
  readonly #stains = new Set<string>();
  #backups = 0;
  #flags: Flags = { safeIntegers: false, unsafeMode: false };
  /** The flags that belong to the handle; `undefined` until it is settled, and so nobody's lease. */
  #ownFlags: Flags | undefined;

  /** What has been done so far belongs to the handle; from here on it is a lease's. */
  settle(): void {
    this.endIterators();
    this.#stains.clear();
    this.#ownFlags = this.#flags;
  }

  /**
   * Leaves nothing of the last lease behind.
   *
   * @throws SessionNotCleanError where that can't be done
   */
  clean(): void {
    if (!this.open) throw new SessionNotCleanError(['its handle closed']);
    this.endIterators();
    if (this.inTransaction) super.exec('ROLLBACK');
    const stains = this.#backups > 0 ? [...this.#stains, 'a backup still running'] : [...this.#stains];
    if (stains.length > 0) throw new SessionNotCleanError(stains);
    if (this.#ownFlags !== undefined && this.#flags !== this.#ownFlags) this.#restoreFlags(this.#ownFlags);
    this.#session.restore();
  }

  /** Ends every iterator that was left unfinished: the library never does, not even when one is garbage-collected. */
  endIterators(): void {
    for (const [statement, iterator] of this.#iterators) if (statement.busy) iterator.return?.();
    this.#iterators.clear();
  }

  /** Frees the file now, or as soon as the statement is done that is calling the function this is called from. */
  end(): void {
    if (!this.#tryClose()) queueMicrotask(() => this.#tryClose());
  }

  override prepare<Row>(source: string): SqliteStatement<Row> {
    this.#note(source);
    const statement = super.prepare<Row>(source);
    const { iterate } = statement;
    statement.iterate = (...parameters) => {
      const iterator = iterate.call(statement, ...parameters);
      this.#remember(statement, iterator);
      return iterator;
    };
    return statement;
  }

  override exec(source: string): this {
    this.#note(source);
    return super.exec(source);
  }

  override pragma(source: string, options?: { readonly simple?: boolean }): unknown {
    this.#note(`PRAGMA ${source}`);
    return super.pragma(source, options);
  }

  override function(name: string, first: SqliteFunctionOptions | SqliteFunction, second?: SqliteFunction): this {
    this.#stains.add(`the function ${name}`);
    return typeof first === 'function'
      ? super.function(name, first)
      : super.function(name, first, second as SqliteFunction);
  }

  override aggregate(name: string, options: object): this {
    this.#stains.add(`the aggregate ${name}`);
    return super.aggregate(name, options);
  }

  override table(name: string, definition: object): this {
    this.#stains.add(`the virtual table ${name}`);
    return super.table(name, definition);
  }

  override loadExtension(...parameters: [path: string, entryPoint?: string]): this {
    this.#stains.add(`the extension ${parameters[0]}`);
    return super.loadExtension(...parameters);
  }

  override async backup(file: string, options?: SqliteBackupOptions): Promise<SqliteBackupProgress> {
    this.#backups++;
    try {
      return await super.backup(file, options);
    } finally {
      this.#backups--;
    }
  }

  override defaultSafeIntegers(toggle = true): this {
    this.#flags = { ...this.#flags, safeIntegers: toggle };
    return super.defaultSafeIntegers(toggle);
  }

  override unsafeMode(toggle = true): this {
    this.#flags = { ...this.#flags, unsafeMode: toggle };
    return super.unsafeMode(toggle);
  }

  #note(source: string): void {
    if (this.#ownFlags === undefined || !touchesSession(source) || !this.open) return;
    if (UNTOLD_SETTING.test(source)) this.#stains.add('case_sensitive_like');
    this.#session.keep();
  }

  #remember(statement: SqliteStatement, iterator: IterableIterator<unknown>): void {
    this.#iterators.set(statement, iterator);
    if (this.#iterators.size < this.#iteratorLimit) return;
    for (const known of this.#iterators.keys()) if (!known.busy) this.#iterators.delete(known);
    this.#iteratorLimit = Math.max(FEW_ITERATORS, this.#iterators.size * 2);
  }

  #restoreFlags(flags: Flags): void {
    super.defaultSafeIntegers(flags.safeIntegers);
    super.unsafeMode(flags.unsafeMode);
    this.#flags = flags;
  }

  #tryClose(): boolean {
    try {
      this.endIterators();
      super.close();
      return true;
    } catch {
      return false;
    }
  }
}
