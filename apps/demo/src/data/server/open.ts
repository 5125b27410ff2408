/**
 * Owns the way from a pool on a server to a database that is ready: tables made and filled once, work passed on.
 * It must never know which server it is.
 */
import {
  type Driver,
  MisconfiguredError,
  type Pool,
  ServerUnavailableError,
  type TransactionWork,
} from '@cryo/pool-core';
import type { TestServer } from '@cryo/testkit/servers';
import type { ServerSettings } from '../../cli/settings.ts';
import { type Wire, WireFault } from '../../wire/wire.ts';
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
import type { Session } from '../session.ts';
import { type ReachOptions, reachServer } from './reach.ts';
import { ServerTrouble } from './trouble.ts';

/** What a pool on a server can do, as far as the service asks it to. */
export interface ServerPool<Connection> extends Pool<Connection> {
  transaction<Result>(work: TransactionWork<Connection, Result>, options?: Errand): Promise<Result>;
}

/** What stands between a pool and its driver. */
export type DriverWrap<Connection> = (driver: Driver<Connection>) => Driver<Connection>;

/** What the servers differ in. */
export interface ServerKind<Connection extends object> {
  readonly defaultPort: number;
  readonly dialect: Dialect;
  /** How many tables of the name `:name` there are where ours would be, as `count`. */
  readonly tableCount: string;
  /** Starts a server of the demo's own. */
  start(): Promise<TestServer>;
  createPool(settings: ServerSettings, url: string, wrapDriver: DriverWrap<Connection>): ServerPool<Connection>;
  sessionOf(connection: Connection): Session;
  /** Has the server end these sessions, on a connection of its own. */
  endSessions(url: string, sessions: readonly Connection[]): Promise<void>;
}

/**
 * Opens a pool on a server and makes the database ours if it has none of our tables.
 *
 * @throws ForeignDatabaseError, UnusableDatabaseError, InvalidOptionsError with everything closed again
 */
export async function openServer<Connection extends object>(
  kind: ServerKind<Connection>,
  options: ReachOptions & { readonly settings: ServerSettings },
  wire: Wire,
): Promise<OpenDatabase> {
  const reach = await reachServer(options, kind.start, kind.defaultPort);
  const sessions = new Set<Connection>();
  let driver: Driver<Connection> | undefined;
  let opened: ServerPool<Connection> | undefined;
  try {
    const pool = kind.createPool(options.settings, reach.dialUrl, (own) => {
      driver = own;
      return wiredDriver(own, wire, sessions);
    });
    opened = pool;
    const origin = await prepareServer(kind, pool, reach.place);
    return {
      database: databaseOn(kind, pool, wire, (error) => driver?.classify?.(error, 'use') === 'connection-lost'),
      pools: { pool },
      origin,
      place: reach.place,
      trouble: new ServerTrouble(wire, reach.proxy, () => kind.endSessions(reach.url, [...sessions])),
      health: () => pool.health(),
      async close(closing) {
        const report = await pool.close(closing);
        await reach.remove();
        return report;
      },
    };
  } catch (error) {
    await opened?.close();
    await reach.remove();
    throw error;
  }
}

/** Passes work on. A connection that was lost under it is told as such, whatever words the driver has for that. */
function databaseOn<Connection extends object>(
  { sessionOf }: ServerKind<Connection>,
  pool: ServerPool<Connection>,
  wire: Wire,
  isLoss: (error: unknown) => boolean,
): Database {
  const across =
    <Result>(work: Work<Result>) =>
    async (connection: Connection) => {
      await wire.cross(connection);
      return work(sessionOf(connection));
    };
  const telling = async <Result>(answer: Promise<Result>): Promise<Result> => {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof Error && isLoss(error))
        throw new WireFault('CONNECTION_LOST', 'the connection was lost', { cause: error });
      throw error;
    }
  };
  return {
    read: (errand, work) => telling(pool.use(across(work), errand)),
    write: (errand, work) => telling(pool.transaction(across(work), errand)),
  };
}

async function prepareServer<Connection extends object>(
  kind: ServerKind<Connection>,
  pool: ServerPool<Connection>,
  place: string,
): Promise<OpenDatabase['origin']> {
  try {
    await pool.ready();
    return await pool.transaction((connection) => prepare(kind, kind.sessionOf(connection), place), {
      label: 'database.prepare',
    });
  } catch (error) {
    if (error instanceof MisconfiguredError || error instanceof ServerUnavailableError)
      throw new UnusableDatabaseError(place, error.cause ?? error);
    throw error;
  }
}

/** The table that says whose the others are. It is made last: where it stands, everything does. */
const MARK = 'cryoprotect';

const TABLES = ['cryoprotectants', 'mixtures', 'ingredients', 'experiments', 'readings'];

async function prepare<Connection extends object>(
  { tableCount, dialect }: ServerKind<Connection>,
  session: Session,
  place: string,
): Promise<OpenDatabase['origin']> {
  const has = async (name: string) => (await session.get<{ count: number }>(tableCount, { name }))?.count !== 0;
  if (await has(MARK)) {
    const version = (await session.get<{ version: number }>(`SELECT version FROM ${MARK}`))?.version;
    if (version !== SCHEMA_VERSION)
      throw new ForeignDatabaseError(place, `holds version ${version} of the data, expected ${SCHEMA_VERSION}`);
    await sweepLoad(session);
    return 'found';
  }
  for (const table of TABLES) {
    if (await has(table)) throw new ForeignDatabaseError(place, `holds a table '${table}' of some other program`);
  }
  for (const statement of schemaIn(dialect)) await session.run(statement);
  await seed(session, new Date().toISOString());
  await session.run(`CREATE TABLE ${MARK} (version INTEGER NOT NULL)`);
  await session.run(`INSERT INTO ${MARK} VALUES (${SCHEMA_VERSION})`);
  return 'seeded';
}
