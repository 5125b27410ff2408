/**
 * Owns as much of mariadb's connection as its pool touches.
 * It must never know the pool.
 */
import { EventEmitter } from 'node:events';
import { Connection, type Server } from '../subject.ts';

type Told = (result?: unknown) => void;

interface Options {
  readonly database: string;
}

/** The pool copies its options, so a server is known by the name of a database. */
const servers = new Map<string, Server>();

/** Answers the name of the database under which the server is dialed. */
export function knowServer(server: Server): string {
  const database = `database-${servers.size}`;
  servers.set(database, server);
  return database;
}

type Work = (connection: Connection) => Promise<unknown>;

/** Queries are text, so the work of one is known by a name too. */
const works = new Map<string, Work>();

/** Answers the text of a query that does the work. */
export function knowWork(work: Work): string {
  const sql = `work ${works.size}`;
  works.set(sql, work);
  return sql;
}

export class MariadbConnection extends EventEmitter {
  static readonly #made = new Map<number, Connection>();
  readonly wire = new Connection();
  readonly threadId = this.wire.id;
  readonly opts: Options;
  readonly #server: Server;
  #isOver = false;

  /** The connection behind what the pool hands out, which shows no more of it than its thread. */
  static of({ threadId }: { readonly threadId: number }): Connection {
    return MariadbConnection.#made.get(threadId) as Connection;
  }

  constructor(options: Options) {
    super();
    this.opts = options;
    const server = servers.get(options.database);
    if (server === undefined) throw new RangeError(`There is no server for '${options.database}'`);
    this.#server = server;
    MariadbConnection.#made.set(this.threadId, this.wire);
    this.wire.broken = (error) => {
      this.#isOver = true;
      this.emit('error', error);
    };
  }

  connect(): Promise<this> {
    return this.#server.open(this.wire).then(() => this);
  }

  isValid(): boolean {
    return !this.#isOver;
  }

  /** mariadb's own ping ends after its time limit, and then the connection is no longer valid. */
  ping({ opts }: { readonly opts: { readonly timeout: number } }, done: Told, failed: Told): void {
    const fail = (error: unknown): void => {
      clearTimeout(limit);
      this.#isOver = true;
      failed(error);
    };
    const limit = setTimeout(() => fail(new Error('Ping timeout')), opts.timeout);
    this.#server.check(this.wire).then(() => {
      clearTimeout(limit);
      done();
    }, fail);
  }

  query({ sql }: { readonly sql: string }, done: Told, failed: Told): void {
    const work = works.get(sql);
    if (work === undefined) throw new RangeError(`There is no work for '${sql}'`);
    work(this.wire).then(done, failed);
  }

  end(_command: unknown, done: Told, failed: Told): void {
    this.#isOver = true;
    this.#server.close(this.wire).then(done, failed);
  }

  destroy(): void {
    this.#isOver = true;
    void this.#server.close(this.wire);
  }
}

// The library imports its connection class as a default.
export { MariadbConnection as default };
