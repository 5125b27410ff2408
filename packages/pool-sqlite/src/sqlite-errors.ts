/**
 * Owns what an error of SQLite means for a connection, and the errors of this adapter itself.
 * It must never know which statement failed, nor act on an error.
 */
import { type DriverPhase, type ErrorClass, SetupFailedError } from '@cryo/pool-core';
import { CryoError } from '@cryo/resilience';

/** The database file can't be opened, and `reason` says why: no retry helps until the file, or the path, is put right. */
export class FileUnusableError extends CryoError {
  /** The path, as in the options. */
  readonly file: string;
  /** What is wrong with it, in words. */
  readonly reason: string;

  constructor(file: string, reason: string, cause?: unknown) {
    super('FILE_UNUSABLE', `The database file '${file}' can't be used: ${reason}`, causedBy(cause));
    this.file = file;
    this.reason = reason;
  }

  override get name(): string {
    return 'FileUnusableError';
  }
}

/** The process has no file handle left for one more connection; `cause` is what SQLite made of it. */
export class TooManyFilesError extends CryoError {
  constructor(file: string, cause: unknown) {
    super('TOO_MANY_FILES', `No file handle is left to open the database file '${file}' with`, { cause });
  }

  override get name(): string {
    return 'TooManyFilesError';
  }
}

/** The file at the path is no longer the one that the connection has open: what it wrote would be lost. */
export class FileReplacedError extends CryoError {
  /** The path, as in the options. */
  readonly file: string;

  constructor(file: string) {
    super('FILE_REPLACED', `The database file '${file}' was deleted or replaced while a connection had it open`);
    this.file = file;
  }

  override get name(): string {
    return 'FileReplacedError';
  }
}

/** A lease left something on its connection that can't be undone; the connection is replaced. */
export class SessionNotCleanError extends CryoError {
  /** What was left, one phrase each. */
  readonly remains: readonly string[];

  constructor(remains: readonly string[]) {
    super('SESSION_NOT_CLEAN', `A lease left its connection with ${remains.join(', ')}`);
    this.remains = Object.freeze([...remains]);
  }

  override get name(): string {
    return 'SessionNotCleanError';
  }
}

/** No cause is not the same as a cause that is undefined: the latter would be printed. */
function causedBy(cause: unknown): { readonly cause: unknown } | undefined {
  return cause === undefined ? undefined : { cause };
}

/** While opening, nobody depends on the connection yet; a live one may have a caller, who keeps it if it is sound. */
type Stage = 'open' | 'live';

/**
 * By result code (https://www.sqlite.org/rescode.html), an extended code before its primary one.
 *
 * - BUSY: another process holds the lock. A transaction lost a race; an open may try again.
 * - LOCKED: the connection's own cursor is in the way, which no retry cures. Its extended codes are other connections.
 * - CORRUPT and NOTADB: the pages in this connection's cache are not to be trusted; whether the file is sound is for the
 *   next open to say, and one that is not stays so.
 * - FULL and NOMEM: the statement failed, the connection is as good as any other.
 * - READONLY: a write on the read pool. Its extended codes are about the file beneath the connection.
 */
const CLASSES: Readonly<Record<string, Readonly<Record<Stage, ErrorClass>>>> = {
  SQLITE_BUSY: { open: 'server-unavailable', live: 'conflict' },
  SQLITE_LOCKED: { open: 'server-unavailable', live: 'statement' },
  SQLITE_LOCKED_SHAREDCACHE: { open: 'server-unavailable', live: 'conflict' },
  SQLITE_LOCKED_VTAB: { open: 'server-unavailable', live: 'conflict' },
  SQLITE_PROTOCOL: { open: 'server-unavailable', live: 'conflict' },
  SQLITE_IOERR: { open: 'server-unavailable', live: 'connection-lost' },
  SQLITE_INTERNAL: { open: 'server-unavailable', live: 'connection-lost' },
  SQLITE_FULL: { open: 'server-unavailable', live: 'statement' },
  SQLITE_NOMEM: { open: 'server-unavailable', live: 'statement' },
  SQLITE_CANTOPEN: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_CORRUPT: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_CORRUPT_VTAB: { open: 'misconfigured', live: 'statement' },
  SQLITE_NOTADB: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_PERM: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_READONLY: { open: 'misconfigured', live: 'statement' },
  SQLITE_READONLY_CANTINIT: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_READONLY_CANTLOCK: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_READONLY_DBMOVED: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_READONLY_DIRECTORY: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_READONLY_RECOVERY: { open: 'misconfigured', live: 'connection-lost' },
  SQLITE_READONLY_ROLLBACK: { open: 'misconfigured', live: 'connection-lost' },
};

/** What no code of SQLite's is listed for: it was the statement's fault, and an open runs only our own statements. */
const OTHERWISE: Readonly<Record<Stage, ErrorClass>> = { open: 'misconfigured', live: 'statement' };

/** The library itself can't be loaded, which is as wrong as a wrong path. */
const UNLOADABLE = new Set(['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND']);

/** better-sqlite3's own words, the only sign of a handle that its holder closed. */
const CLOSED_HANDLE = 'The database connection is not open';

/** The class of an error, for `Driver.classify`; `undefined` where this adapter has no opinion. */
export function classifySqliteError(error: unknown, phase: DriverPhase): ErrorClass | undefined {
  if (error instanceof FileUnusableError) return 'misconfigured';
  if (error instanceof TooManyFilesError) return 'overloaded';
  if (error instanceof FileReplacedError || error instanceof SessionNotCleanError) return 'connection-lost';
  if (error instanceof SetupFailedError) return classifySqliteError(error.cause, 'open') ?? 'misconfigured';
  if (!(error instanceof Error)) return undefined;
  const stage: Stage = phase === 'open' ? 'open' : 'live';
  const code = textOf(error, 'code');
  if (code.startsWith('SQLITE_')) return (CLASSES[code] ?? CLASSES[primaryOf(code)] ?? OTHERWISE)[stage];
  if (stage === 'open') return UNLOADABLE.has(code) ? 'misconfigured' : undefined;
  return textOf(error, 'message') === CLOSED_HANDLE ? 'connection-lost' : undefined;
}

/** What is thrown may be anything, a property that throws when it is read among it. */
function textOf(error: Error & { readonly code?: unknown }, name: 'code' | 'message'): string {
  try {
    const text = error[name];
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}

/** `SQLITE_BUSY_SNAPSHOT` is a kind of `SQLITE_BUSY`. */
function primaryOf(code: string): string {
  return code.split('_', 2).join('_');
}
