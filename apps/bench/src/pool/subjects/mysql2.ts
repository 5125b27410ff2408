/**
 * Owns how mysql2's pool is set up: the real pool and its real pooled connection, upon a connection class of ours, which is put
 * in the place of the library's own before the pool is loaded. It must never know how the others are.
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathOfPeer, requirePeer } from '../../peers/peers.ts';
import { Connection, type Server, type Subject } from '../subject.ts';

type Told = (error?: unknown) => void;

interface Held {
  readonly connection: MysqlConnection;
  release(): void;
}

interface MysqlPool {
  promise(): { getConnection(): Promise<Held>; query(sql: string): Promise<readonly [unknown]> };
  end(told: Told): void;
}

/** As much of a query as passes through. */
interface Command extends EventEmitter {
  readonly sql: string;
  onResult(error: unknown, rows?: unknown): void;
}

interface MysqlModule {
  createPool(options: { readonly connectionLimit: number; readonly database: string }): MysqlPool;
}

/** As much of mysql2's connection as its pool touches. */
class MysqlConnection extends EventEmitter {
  readonly wire = new Connection();
  readonly config: object;
  readonly #server: Server;

  constructor(options: { readonly config: { readonly database: string } }) {
    super();
    this.config = options.config;
    this.#server = serverNamed(options.config.database);
    this.wire.broken = (error) => void this.emit('error', error);
  }

  connect(told: Told): void {
    this.#server.open(this.wire).then(
      () => told(),
      (error) => {
        this.emit('end');
        told(error);
      },
    );
  }

  query(command: Command): Command {
    const over = () => void command.emit('end');
    workNamed(command.sql)(this.wire)
      .then(
        (rows) => command.onResult(null, rows),
        (error) => command.onResult(error),
      )
      .then(over, over);
    return command;
  }

  end(told: Told = () => {}): void {
    this.#server.close(this.wire).then(() => told(), told);
  }

  destroy(): void {
    this.end();
  }
}

/** The pool copies its options, so a server is known by the name of a database. */
const servers = new Map<string, Server>();

function serverNamed(database: string): Server {
  const server = servers.get(database);
  if (server === undefined) throw new RangeError(`There is no server for '${database}'`);
  return server;
}

type Work = (connection: Connection) => Promise<unknown>;

/** Queries are text, so the work of one is known by a name too. */
const works = new Map<string, Work>();

function workNamed(sql: string): Work {
  const work = works.get(sql);
  if (work === undefined) throw new RangeError(`There is no work for '${sql}'`);
  return work;
}

export async function mysql2(): Promise<Subject> {
  const path = join(dirname(pathOfPeer('mysql2')), 'lib/connection.js');
  const require = createRequire(path);
  require(path);
  (require.cache[path] as NodeJS.Module).exports = MysqlConnection;
  const { createPool } = requirePeer<MysqlModule>('mysql2');
  return {
    name: 'mysql2',
    hearsIdleErrors: true,
    runsQueries: true,
    start({ server, max }) {
      const database = `database-${servers.size}`;
      servers.set(database, server);
      const core = createPool({ connectionLimit: max, database });
      const pool = core.promise();
      return {
        acquire: () => pool.getConnection(),
        release: (held) => (held as Held).release(),
        connectionOf: (held) => (held as Held).connection.wire,
        async use<Result>(work: (connection: Connection) => Promise<Result>) {
          const sql = `work ${works.size}`;
          works.set(sql, work);
          const [result] = await pool.query(sql);
          return result as Result;
        },
        close: () => new Promise((done, fail) => core.end((error) => (error ? fail(error) : done(undefined)))),
      };
    },
  };
}
