/**
 * Owns the way from a file name to a database that is ready: pools opened, tables made and filled once, work passed on.
 * It must never know HTTP, nor the load.
 */
import { MisconfiguredError, ServerUnavailableError } from '@cryo/pool-core';
import { createSqlitePool, type SqlitePool, type SqlitePoolOptions } from '@cryo/pool-sqlite';
import type { Wire } from '../../wire/wire.ts';
import { wiredDriver } from '../../wire/wired-driver.ts';
import {
  type Database,
  type Errand,
  ForeignDatabaseError,
  type OpenDatabase,
  UnusableDatabaseError,
  type Work,
} from '../database.ts';
import { seed, sweepLoad } from '../record.ts';
import { type Dialect, SCHEMA_VERSION, schemaIn } from '../schema.ts';
import { type Handle, sqliteSession } from './session.ts';

/** Marks a database file as ours in its header: the letters `CRYO`. */
const APPLICATION_ID = 0x4352594f;

const DIALECT: Dialect = {
  id: 'INTEGER PRIMARY KEY',
  reference: 'INTEGER',
  text: 'TEXT',
  real: 'REAL',
  table: 'STRICT',
  keyed: 'STRICT, WITHOUT ROWID',
};

/**
 * Opens both pools on a file and makes it ours if it is new. The first filling is one transaction: it is there, or it is not.
 *
 * @throws ForeignDatabaseError, UnusableDatabaseError with everything closed again
 */
export async function openSqlite(
  options: Omit<SqlitePoolOptions, 'inline' | 'wrapDriver'>,
  wire: Wire,
): Promise<OpenDatabase> {
  const pool = createSqlitePool({ ...options, inline: true, wrapDriver: (driver) => wiredDriver(driver, wire) });
  try {
    await pool.ready();
    const origin = await prepareFile(pool, options.file);
    return {
      database: databaseOn(pool, wire),
      pools: { read: pool.read, write: pool.write },
      origin,
      place: options.file,
      trouble: wire,
      health: () => pool.health(),
      close: (closing) => pool.close(closing),
    };
  } catch (error) {
    await pool.close();
    throw isAboutTheFile(error) ? unusable(options.file, reasonOf(error)) : error;
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

/** Where the reason names the file by itself, it is said once. */
function unusable(file: string, reason: unknown): Error {
  const named = reason instanceof Error && reason.message.includes(file);
  const error = new UnusableDatabaseError(`the file '${file}'`, reason);
  if (named) error.message = reason.message;
  return error;
}

function databaseOn(pool: SqlitePool, wire: Wire): Database {
  const across =
    <Result>(work: Work<Result>) =>
    async (connection: Handle) => {
      await wire.cross(connection);
      return work(sqliteSession(connection));
    };
  return {
    read: ({ label, signal }: Errand, work) =>
      pool.use(across(work), { mode: 'read', label, ...(signal && { signal }) }),
    write: ({ label, signal }: Errand, work) => pool.transaction(across(work), { label, ...(signal && { signal }) }),
  };
}

function prepareFile(pool: SqlitePool, file: string): Promise<OpenDatabase['origin']> {
  return pool.transaction(
    async (connection) => {
      const session = sqliteSession(connection);
      const origin = await recognize(connection, file);
      if (origin === 'seeded') {
        for (const statement of schemaIn(DIALECT)) connection.exec(statement);
        await seed(session, new Date().toISOString());
        connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
      }
      await sweepLoad(session);
      return origin;
    },
    { label: 'database.prepare' },
  );
}

/** A new file has nothing in it; ours says so in its header. Anything else is not touched. */
async function recognize(connection: Handle, file: string): Promise<OpenDatabase['origin']> {
  const { get } = sqliteSession(connection);
  const application = (await get<{ application_id: number }>('PRAGMA application_id'))?.application_id;
  const version = (await get<{ user_version: number }>('PRAGMA user_version'))?.user_version;
  const place = `the file '${file}'`;
  if (application === APPLICATION_ID) {
    if (version === SCHEMA_VERSION) return 'found';
    throw new ForeignDatabaseError(place, `holds version ${version} of the data, expected ${SCHEMA_VERSION}`);
  }
  const tables = (await get<{ count: number }>('SELECT count(*) AS count FROM sqlite_schema'))?.count;
  if (application !== 0 || tables !== 0) throw new ForeignDatabaseError(place, 'is a database of some other program');
  return 'seeded';
}
