/**
 * Owns how pg-pool is set up: the real pool, given a client class of ours, as its option `Client` allows.
 * It must never know how the others are.
 */
import { EventEmitter } from 'node:events';
import { loadPeer } from '../../peers/peers.ts';
import { Connection, type Server, type Subject, timeLimit } from '../subject.ts';

type Told = (error?: unknown) => void;

/** In the place of a query's text. */
interface Question {
  work(connection: Connection): Promise<unknown>;
}

interface Options {
  readonly Client: new () => Client;
  readonly max: number;
  readonly min: number;
  readonly connectionTimeoutMillis?: number;
}

interface PgPool extends EventEmitter {
  connect(): Promise<Client>;
  query(question: Question): Promise<unknown>;
  end(): Promise<void>;
}

/** As much of pg's client as its pool touches. */
abstract class Client extends EventEmitter {
  readonly wire = new Connection();
  readonly _queryable = true;
  _ending = false;
  /** A dial that takes too long is ended by cutting its stream; then the client's `connect` fails, as in pg. */
  readonly connection = { stream: { destroy: () => this.#cut?.(new Error('Connection terminated unexpectedly')) } };
  readonly #server: Server;
  #cut: Told | undefined;
  /** Given by the pool with each loan. */
  release: (error?: unknown) => void = () => {};

  constructor(server: Server) {
    super();
    this.#server = server;
    this.wire.broken = (error) => void this.emit('error', error);
  }

  connect(told: Told): void {
    let isTold = false;
    const tell: Told = (error) => {
      if (!isTold) told(error);
      isTold = true;
    };
    this.#cut = tell;
    const opened = () => (isTold ? this.#server.close(this.wire) : tell());
    this.#server.open(this.wire).then(opened, tell);
  }

  query({ work }: Question, _values: unknown, told: (error?: unknown, result?: unknown) => void): void {
    work(this.wire).then((result) => told(undefined, result), told);
  }

  isConnected(): boolean {
    return true;
  }

  end(told: Told): void {
    this._ending = true;
    this.#server.close(this.wire).then(() => told(), told);
  }

  ref(): void {}
  unref(): void {}
}

export async function pgPool(): Promise<Subject> {
  const { default: Pool } = await loadPeer<{ default: new (options: Options) => PgPool }>('pg-pool');
  return {
    name: 'pg-pool',
    hearsIdleErrors: true,
    hasAcquireTimeout: true,
    keepsSome: true,
    isGivenDial: true,
    runsQueries: true,
    start(plan) {
      const { server, max, min = 0 } = plan;
      class ServerClient extends Client {
        constructor() {
          super(server);
        }
      }
      const pool = new Pool({ Client: ServerClient, max, min, ...timeLimit('connectionTimeoutMillis', plan, 0) });
      return {
        acquire: () => pool.connect(),
        release: (held) => (held as Client).release(),
        connectionOf: (held) => (held as Client).wire,
        close: () => pool.end(),
        use: <Result>(work: (connection: Connection) => Promise<Result>) => pool.query({ work }) as Promise<Result>,
      };
    },
  };
}
