/**
 * Owns the database file of one facade: that it is there, in WAL mode, and still the one that was opened.
 * It must never know what is pooled, nor open the file other than through SQLite, whose locks that would drop.
 */
import { accessSync, closeSync, constants, openSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileReplacedError, FileUnusableError, TooManyFilesError } from './sqlite-errors.ts';
import { SqliteHandle } from './sqlite-handle.ts';
import type { SqliteMode } from './sqlite-types.ts';

/** How the file is opened. */
export interface DatabaseFileOptions {
  /** Absolute, so that a change of the working directory changes nothing. */
  readonly path: string;
  readonly busyTimeoutMs: number;
  /** Whether a missing file is an error also at first; later it always is. */
  readonly fileMustExist: boolean;
}

/** Longest wait for a lock while opening: the pool tries again by itself, without holding up the event loop meanwhile. */
const OPEN_BUSY_MS = 100;

/** What SQLite says where the path is at fault. */
const PATH_ERROR = /^SQLITE_(?:CANTOPEN|READONLY|PERM)/;

/** The file, shared by the drivers of both pools. */
export class DatabaseFile {
  readonly path: string;
  readonly #options: DatabaseFileOptions;
  readonly #identities = new WeakMap<object, string | undefined>();
  /** A file that was there and is gone is not made anew: that would go on with an empty database as if nothing were lost. */
  #seen: boolean;

  constructor(options: DatabaseFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#seen = options.fileMustExist;
  }

  /**
   * A new handle on the file in WAL mode, with foreign keys enforced.
   *
   * @throws FileUnusableError when it can't be used for good, TooManyFilesError, or what SQLite says
   */
  open(mode: SqliteMode): SqliteHandle {
    try {
      // Only a handle that may write can create the file and switch it to WAL, so one goes before the first reader.
      if (mode === 'read' && !this.#seen) this.#openFor('write').end();
      return this.#openFor(mode);
    } catch (error) {
      throw this.#explain(error) ?? error;
    }
  }

  /** @throws FileReplacedError when the path no longer leads to the file that the handle has open */
  confirm(handle: object): void {
    if (this.#identities.get(handle) !== identityOf(this.path)) throw new FileReplacedError(this.path);
  }

  /** The last reader can't merge the write-ahead log into the file as it closes; this does, unless the file is in use. */
  mergeLog(): void {
    if (look(`${this.path}-wal`) === undefined) return;
    try {
      this.#openFor('write', 0).end();
    } catch {
      // The log stays beside the file, where the next one to open it merges it.
    }
  }

  #openFor(mode: SqliteMode, busyTimeoutMs = this.#options.busyTimeoutMs): SqliteHandle {
    // SQLite opens a file that it may not write for reading, without a word.
    if (mode === 'write' && look(this.path) !== undefined && !allows(this.path, constants.R_OK | constants.W_OK)) {
      throw new FileUnusableError(this.path, 'this process may not read and write it');
    }
    const handle = new SqliteHandle(this.path, {
      readonly: mode === 'read',
      fileMustExist: mode === 'read' || this.#seen,
      timeout: Math.min(busyTimeoutMs, OPEN_BUSY_MS),
    });
    try {
      this.#requireWal(handle, mode);
      handle.exec(`PRAGMA foreign_keys = ON; PRAGMA busy_timeout = ${busyTimeoutMs}`);
    } catch (error) {
      handle.end();
      throw error;
    }
    this.#seen = true;
    this.#identities.set(handle, identityOf(this.path));
    return handle;
  }

  #requireWal(handle: SqliteHandle, mode: SqliteMode): void {
    if (handle.pragma('journal_mode', { simple: true }) === 'wal') return;
    if (mode === 'write') handle.pragma('journal_mode = WAL');
    else this.#openFor('write').end();
    // A handle learns of a change made by another one when it next reads.
    handle.exec('SELECT 1 FROM sqlite_schema LIMIT 1');
    const journal = handle.pragma('journal_mode', { simple: true });
    if (journal !== 'wal') throw new FileUnusableError(this.path, `it stays in journal mode '${journal}', not WAL`);
  }

  #explain(error: unknown): Error | undefined {
    if (!(error instanceof Error)) return undefined;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (code === 'SQLITE_NOTADB') return new FileUnusableError(this.path, 'it is no SQLite database', error);
    // A TypeError is the library's word for a missing directory.
    if (!(error instanceof TypeError) && !PATH_ERROR.test(code)) return undefined;
    if (isOutOfFiles(dirname(this.path))) return new TooManyFilesError(this.path, error);
    const reason = this.#whatIsWrong();
    return reason === undefined ? undefined : new FileUnusableError(this.path, reason, error);
  }

  #whatIsWrong(): string | undefined {
    const directory = dirname(this.path);
    const parent = look(directory);
    if (parent === undefined) return `the directory '${directory}' does not exist`;
    if (!parent.isDirectory()) return `'${directory}' is not a directory`;
    const file = look(this.path);
    if (file === undefined && this.#seen) return this.#options.fileMustExist ? 'it does not exist' : 'it is gone';
    if (file?.isDirectory()) return 'it is a directory';
    if (!allows(directory, constants.W_OK)) return `this process may not write in the directory '${directory}'`;
    return undefined;
  }
}

/** What is at a path; `undefined` where nothing is to be seen. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Which file a path leads to, whatever its name. */
function identityOf(path: string): string | undefined {
  const file = look(path);
  return file === undefined ? undefined : `${file.dev}:${file.ino}`;
}

function allows(path: string, access: number): boolean {
  try {
    accessSync(path, access);
    return true;
  } catch {
    return false;
  }
}

function isOutOfFiles(directory: string): boolean {
  try {
    closeSync(openSync(directory, 'r'));
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
  }
}
