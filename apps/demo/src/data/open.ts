/**
 * Owns the way from a file name to a database that is ready: pools opened, tables made and filled once, work passed on.
 * It must never know HTTP, nor the load.
 */
import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { createSqlitePool, type SqlitePool, type SqlitePoolOptions } from '@cryo/pool-sqlite';
import type { Wire } from '../wire/wire.ts';
import { wiredDriver } from '../wire/wired-driver.ts';
import type { Database } from './database.ts';
import { seed, sweepLoad } from './record.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { type Handle, sessionOf } from './session.ts';

/** The file belongs to some other program, or to another version of this one. */
export class ForeignFileError extends Error {
  constructor(file: string, what: string) {
    super(`the file '${file}' ${what}`);
    this.name = 'ForeignFileError';
  }
}

/** The file can't be used: no place, no right, no space, or no database. */
export class UnusableFileError extends Error {
  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(reason.includes(file) ? reason : `the file '${file}' can't be used: ${reason}`, { cause });
    this.name = 'UnusableFileError';
  }
}

export interface OpenDatabase {
  readonly database: Database;
  readonly pool: SqlitePool;
  /** Whether the file was filled just now. */
  readonly origin: 'seeded' | 'found';
}

/**
 * Opens both pools on a file and makes it ours if it is new. The first filling is one transaction: it is there, or it is not.
 *
 * @throws ForeignFileError, UnusableFileError with everything closed again
 */
export async function openDatabase(
  options: Omit<SqlitePoolOptions, 'inline' | 'wrapDriver'>,
  wire: Wire,
): Promise<OpenDatabase> {
  const pool = createSqlitePool({ ...options, inline: true, wrapDriver: (driver) => wiredDriver(driver, wire) });
  try {
    await pool.ready();
    const origin = await prepareFile(pool, options.file);
    return { database: databaseOn(pool, wire), pool, origin };
  } catch (error) {
    await pool.close();
    throw isAboutTheFile(error) ? new UnusableFileError(options.file, reasonOf(error)) : error;
  }
}

function isAboutTheFile(error: unknown): boolean {
  if (error instanceof MisconfiguredError || error instanceof ServerUnavailableError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');
}

function reasonOf(error: unknown): unknown {
  const refused = error instanceof MisconfiguredError || error instanceof ServerUnavailableError;
  return refused && error.cause instanceof Error ? error.cause : error;
}

function databaseOn(pool: SqlitePool, wire: Wire): Database {
  return {
    read: ({ label, signal }, work) =>
      pool.use(
        async (connection) => {
          await wire.cross(connection);
          return work(sessionOf(connection));
        },
        { mode: 'read', label, ...(signal && { signal }) },
      ),
    write: ({ label, signal }, work) =>
      pool.transaction(
        async (connection) => {
          await wire.cross(connection);
          return work(sessionOf(connection));
        },
        { label, ...(signal && { signal }) },
      ),
  };
}

function prepareFile(pool: SqlitePool, file: string): Promise<OpenDatabase['origin']> {
  return pool.transaction(
    (connection) => {
      const origin = recognize(connection, file);
      if (origin === 'seeded') {
        connection.exec(SCHEMA);
        seed(sessionOf(connection), new Date().toISOString());
        connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
      }
      sweepLoad(sessionOf(connection));
      return origin;
    },
    { label: 'database.prepare' },
  );
}

/** A new file has nothing in it; ours says so in its header. Anything else is not touched. */
function recognize(connection: Handle, file: string): OpenDatabase['origin'] {
  const { get } = sessionOf(connection);
  const application = get<{ application_id: number }>('PRAGMA application_id')?.application_id;
  const version = get<{ user_version: number }>('PRAGMA user_version')?.user_version;
  if (application === APPLICATION_ID) {
    if (version === SCHEMA_VERSION) return 'found';
    throw new ForeignFileError(file, `holds version ${version} of the data, expected ${SCHEMA_VERSION}`);
  }
  const tables = get<{ count: number }>('SELECT count(*) AS count FROM sqlite_schema')?.count;
  if (application !== 0 || tables !== 0) throw new ForeignFileError(file, 'is a database of some other program');
  return 'seeded';
}
