/**
 * Owns the drop-in for mysql2's pools: their methods, events and errors over a pool of ours.
 * It must never know how the pool decides, nor change what a statement answers.
 */
import {
  type Pool as CorePool,
  createPool as createCorePool,
  type Lease,
  MisconfiguredError,
  PoolClosedError,
  QueueFullError,
  ServerUnavailableError,
  SilentServerError,
} from '@cryo/pool-core';
import { systemClock, systemTimers } from '@cryo/resilience';
import * as mysql2 from 'mysql2';
import type { Pool as PromisePool, PoolConnection as PromisePoolConnection } from 'mysql2/promise';
import { secretsOf } from './mysql2-credentials.ts';
import { createMysqlDriver, giveUp } from './mysql2-driver.ts';
import { ConnectionEndedError } from './mysql2-errors.ts';
import { type CompatibleSettings, type Mysql2PoolConfig, poolOptionsOf, readPoolConfig } from './mysql2-settings.ts';
import type { MysqlCore } from './mysql2-types.ts';

export type { CompatibleSettings };

/** A connection that is lent: mysql2's own `PoolConnection`, with what its type does not tell. */
type PooledConnection = mysql2.PoolConnection & MysqlCore & { _pool: unknown; _released: boolean };

/** mysql2's class of pools, which its types know as an interface only. */
type Mysql2Pool = new (options: { readonly config: Mysql2PoolConfig }) => mysql2.Pool & Mysql2Internals;

/** What a pool of mysql2 keeps beside its public members. */
interface Mysql2Internals {
  _closed: boolean;
  /** Each connection has a configuration of its own, since `changeUser` writes into it. */
  _createConnectionConfig(): mysql2.ConnectionOptions;
}

/** The class of its connections, whose type knows nothing of how one is made. */
type Mysql2PoolConnection = new (
  pool: object,
  options: { readonly config: mysql2.ConnectionOptions },
) => mysql2.PoolConnection;

const library = mysql2 as typeof mysql2 & { readonly Pool: Mysql2Pool };
const PoolConnection = mysql2.PoolConnection as Mysql2PoolConnection;

type Callback = (error: NodeJS.ErrnoException | null, connection: mysql2.PoolConnection) => void;

/**
 * mysql2's `Pool` with a pool of ours inside. Everything that it has it still has; the README lists what it does differently.
 */
export class Pool extends library.Pool {
  readonly #pool: CorePool<PooledConnection>;
  readonly #mayWait: boolean;
  readonly #leases = new Map<PooledConnection, Lease<PooledConnection>>();
  readonly #known = new WeakSet<PooledConnection>();
  /** What connections take for their pool: one that is never closed, so that they come back to a pool that is ending too. */
  readonly #home: object;
  #ending: Promise<unknown> | undefined;

  constructor(options: string | mysql2.PoolOptions, settings: CompatibleSettings = {}) {
    const config = readPoolConfig(options);
    super({ config });
    const { connectionConfig, waitForConnections, resetOnRelease } = config;
    const { host: address = 'localhost', port = 3306, database } = connectionConfig;
    this.#home = Object.create(this, {
      _closed: { value: false },
      releaseConnection: { value: (connection: PooledConnection) => this.releaseConnection(connection) },
      _removeConnection: { value: (connection: PooledConnection) => this._removeConnection(connection) },
    });
    const driver = createMysqlDriver<PooledConnection>({
      ways: () => [{ address, begin: () => this.#begin() }],
      lend: (core) => core as PooledConnection,
      coreOf: (connection) => connection,
      setUp: () => {},
      secrets: () => secretsOf(connectionConfig),
      server: { address, port, ...(database === undefined ? {} : { namespace: database }) },
      target: settings.target ?? 'any',
      resetLevel: resetOnRelease ? 'session' : 'transaction',
      validationQuery: undefined,
      idleKeepsProcess: 'always',
      clock: settings.clock ?? systemClock,
      timers: settings.timers ?? systemTimers,
    });
    this.#mayWait = waitForConnections;
    this.#pool = createCorePool({ ...poolOptionsOf(config, settings), driver });
    const counts = () => this.#pool.snapshot();
    // Monitoring reads these, for want of anything better.
    for (const [name, count] of Object.entries({
      _allConnections: () => counts().live,
      _freeConnections: () => counts().connections.idle,
      _connectionQueue: () => counts().waiting,
    })) {
      Object.defineProperty(this, name, {
        value: Object.defineProperty({}, 'length', { get: count }),
        enumerable: false,
      });
    }
  }

  /** The pool behind it: snapshots, health, metrics, events, `resize`, `recycle`. */
  get cryo(): CorePool<mysql2.PoolConnection> {
    return this.#pool as CorePool<mysql2.PoolConnection>;
  }

  override getConnection(callback: Callback): void {
    const refuse = (message: string) => process.nextTick(callback, new Error(message));
    if (this.#ending !== undefined) return refuse('Pool is closed.');
    if ((!this.#mayWait || this.listenerCount('enqueue') > 0) && this.#isExhausted()) {
      if (!this.#mayWait) return refuse('No connections available.');
      this.emit('enqueue');
    }
    this.#pool.acquire().then(
      // What a callback or a listener throws is its own, and no rejection of ours.
      (lease) => process.nextTick(() => this.#lend(lease, callback)),
      (error) => process.nextTick(callback, told(error)),
    );
  }

  override releaseConnection(connection: Parameters<mysql2.Pool['releaseConnection']>[0]): void {
    const core = ('connection' in connection ? connection.connection : connection) as object as PooledConnection;
    const lease = this.#leases.get(core);
    if (lease === undefined) return;
    this.#leases.delete(core);
    core._released = true;
    // Theirs tells of connections that come to lie idle, not of those that go from hand to hand.
    const isTold = this.listenerCount('release') > 0 && this.#pool.snapshot().waiting === 0;
    lease.release();
    if (isTold) this.emit('release', core);
  }

  /** mysql2's own promise pool. What it lends can be given back once, whoever has the connection by then. */
  override promise(promiseImpl?: PromiseConstructor): PromisePool {
    const pool = super.promise(promiseImpl);
    const { getConnection } = pool;
    pool.getConnection = () => getConnection.call(pool).then(releasedOnce);
    return pool;
  }

  /** Waits for what is lent, then says goodbye to every connection. */
  override end(callback?: (error: NodeJS.ErrnoException | null) => unknown): void {
    this._closed = true;
    this.#ending ??= this.#pool.close();
    const done = () => process.nextTick(() => callback?.(null));
    void this.#ending.then(done);
  }

  /** mysql2 calls this when a connection ended, or its holder ended it. */
  protected _removeConnection(connection: PooledConnection): void {
    const lease = this.#leases.get(connection);
    if (lease === undefined) return giveUp(connection);
    this.#leases.delete(connection);
    lease.release(new ConnectionEndedError('The connection ended while it was lent'));
  }

  /** The pool behind it ends idle connections. */
  protected _removeIdleTimeoutConnections(): void {}

  #begin(): PooledConnection {
    return new PoolConnection(this.#home, { config: this._createConnectionConfig() }) as PooledConnection;
  }

  #isExhausted(): boolean {
    const { connections, waiting, size } = this.#pool.snapshot();
    return connections.leased + waiting >= size.max;
  }

  #lend(lease: Lease<PooledConnection>, callback: Callback): void {
    const { connection } = lease;
    this.#leases.set(connection, lease);
    connection._pool = this.#home;
    connection._released = false;
    if (!this.#known.has(connection)) {
      this.#known.add(connection);
      this.emit('connection', connection);
    }
    this.emit('acquire', connection);
    callback(null, connection);
  }
}

function releasedOnce(connection: PromisePoolConnection): PromisePoolConnection {
  const { release } = connection;
  let isReleased = false;
  connection.release = () => {
    if (isReleased) return;
    isReleased = true;
    release.call(connection);
  };
  return connection;
}

/** What mysql2 writes on its own error when a dial takes too long. */
const TIMED_OUT = { code: 'ETIMEDOUT', errorno: 'ETIMEDOUT', syscall: 'connect', fatal: true };

/** What mysql2 would say: the error of the dial itself, or its own words. Each caller has one of its own to write into. */
function told(error: unknown): unknown {
  if (error instanceof PoolClosedError) return new Error('Pool is closed.', { cause: error });
  if (error instanceof QueueFullError) return new Error('Queue limit reached.', { cause: error });
  if (!(error instanceof ServerUnavailableError || error instanceof MisconfiguredError)) return error;
  const cause = theirs(error.cause);
  if (!(cause instanceof Error)) return error;
  // In our words, and under the code that mysql2 has for it.
  if (cause instanceof SilentServerError) return Object.assign(new Error(cause.message, { cause: error }), TIMED_OUT);
  return Object.assign(new Error(cause.message, { cause: error }), { ...cause });
}

/** What mysql2 said itself of a dial. */
function theirs(cause: unknown): unknown {
  const { code, cause: within } = Object(cause) as { readonly code?: unknown; readonly cause?: unknown };
  return code === 'TLS_REFUSED' || code === 'TLS_FAILED' ? within : cause;
}

/** mysql2's `createPool`: callbacks, and `promise()` for promises. @throws InvalidOptionsError */
export function createPool(options: string | mysql2.PoolOptions, settings?: CompatibleSettings): Pool {
  return new Pool(options, settings);
}

/** `createPool` of `mysql2/promise`. @throws InvalidOptionsError */
export function createPoolPromise(options: string | mysql2.PoolOptions, settings?: CompatibleSettings): PromisePool {
  return createPool(options, settings).promise(typeof options === 'string' ? undefined : options.Promise);
}
