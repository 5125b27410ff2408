/**
 * Owns the drop-in for `pg.Pool`: its members, events and errors, over a pool of the core.
 * It must never decide about a connection; the core does.
 */
import { type Pool as CorePool, createPool, type Lease, unsealerFromEnvironment } from '@cryo/pool-core';
import { systemClock, systemTimers } from '@cryo/resilience';
import type pg from 'pg';
import { Askers, BasePool } from './pg-compatible-base.ts';
import { type Answered, answerOf, clientFrom, later, noticingEnds, tell, verified } from './pg-compatible-calls.ts';
import { asPgPoolTells, hideSecrets, lifetimeOf, settingsOf } from './pg-compatible-settings.ts';
import { createPgDriver } from './pg-driver.ts';
import { classifyPgError } from './pg-error-table.ts';
import { ConnectionEndedError } from './pg-errors.ts';
import type { PgClientClass, PgConnection, PgConnectionConfig } from './pg-types.ts';

/** What stands where a `pg.Pool` stood; its type is pg's own. */
export type Pool = pg.Pool;

type Connected = Parameters<pg.Pool['connect']>[0];
function noop(): void {}

class DropInPool extends BasePool {
  declare readonly Client: PgClientClass;
  declare readonly Promise: PromiseConstructor;
  declare ending: boolean;
  declare ended: boolean;
  readonly #core: CorePool<PgConnection>;
  readonly #leases = new Map<PgConnection, Lease<PgConnection>>();
  readonly #bornAtMs = new WeakMap<PgConnection, number>();
  /** Clients that ended while they were lent, and were not released yet. */
  readonly #lost = new WeakSet<PgConnection>();
  /** Clients whose end is our own doing. */
  readonly #ended = new WeakSet<PgConnection>();
  readonly #askers = new Askers();

  constructor(options?: pg.PoolConfig) {
    super(options);
    hideSecrets(this.options);
    const { application_name, database, allowExitOnIdle } = this.options;
    const driver = createPgDriver({
      // Their types differ in what may be undefined.
      connection: this.options as PgConnectionConfig,
      Client: this.Client,
      target: 'any',
      resetLevel: 'transaction',
      validationQuery: undefined,
      onConnect: (client) => this.#setUp(client),
      unsealer: unsealerFromEnvironment(process.env),
      defaults: {},
      idleKeepsProcess: allowExitOnIdle === true ? 'never' : 'always',
      clock: systemClock,
      timers: systemTimers,
    });
    this.#core = createPool({
      ...settingsOf(this.options),
      name: application_name || database || 'postgres',
      driver: noticingEnds(driver, this.#ended),
    });
  }

  static coreOf(pool: pg.Pool): CorePool<PgConnection> | undefined {
    return #core in pool ? pool.#core : undefined;
  }

  get totalCount(): number {
    const { live, connections } = this.#core.snapshot();
    return live - connections.closing;
  }

  get idleCount(): number {
    return this.#core.snapshot().connections.idle;
  }

  /** Those for whom no connection is on its way. */
  get waitingCount(): number {
    const { waiting, connections } = this.#core.snapshot();
    return Math.max(0, waiting - connections.dialing - connections.checking);
  }

  get expiredCount(): number {
    const lifetimeMs = lifetimeOf(this.options.maxLifetimeSeconds);
    const now = systemClock.now();
    return [...this.#leases.keys()].filter((client) => now - (this.#bornAtMs.get(client) ?? now) >= lifetimeMs).length;
  }

  connect(callback?: Connected): never {
    const client = this.#connect();
    // What callers see of this type is pg's own, see `Pool`.
    if (callback === undefined) return this.#promise(client) as never;
    client.then(
      (lent) => later(() => callback(undefined, lent, lent.release)),
      (error: Error) => later(() => callback(error, undefined, noop)),
    );
    return undefined as never;
  }

  query(statement: unknown, values?: unknown, callback?: unknown): never {
    const answered = (typeof values === 'function' ? values : callback) as Answered | undefined;
    const answer = this.#query(statement, typeof values === 'function' ? undefined : values);
    if (typeof statement === 'function') {
      answer.catch((error: unknown) => later(() => statement(error)));
      return undefined as never;
    }
    if (answered === undefined) return this.#promise(answer) as never;
    answer.then(
      (result) => later(() => answered(undefined, result)),
      (error: unknown) => later(() => answered(error)),
    );
    return undefined as never;
  }

  end(callback?: (error?: unknown) => void): never {
    const ended = this.#end();
    if (callback === undefined) return this.#promise(ended) as never;
    ended.then(
      () => later(callback),
      (error: unknown) => later(() => callback(error)),
    );
    return undefined as never;
  }

  /** Begins before it returns, so that the counts have changed when it does. */
  #connect(): Promise<pg.PoolClient> {
    if (this.ending) return Promise.reject(new Error('Cannot use a pool after calling end on the pool'));
    this.#askers.came();
    return this.#core.acquire().then(
      (lease) => {
        const client = this.#lend(lease);
        this.#askers.went();
        return client;
      },
      (error: unknown) => {
        this.#askers.went();
        throw asPgPoolTells(error);
      },
    );
  }

  #lend(lease: Lease<PgConnection>): pg.PoolClient {
    const client = lease.connection as pg.PoolClient;
    this.#leases.set(client, lease);
    client.release = (error) => {
      this.#takeBack(client, lease, { told: error, end: () => (error ? lease.evict() : lease.release()) });
    };
    tell(this, 'acquire', client);
    return client;
  }

  #takeBack(
    client: PgConnection,
    lease: Lease<PgConnection>,
    { told, end }: { readonly told: unknown; readonly end: () => void },
  ): void {
    const isLost = this.#lost.delete(client);
    if (this.#leases.get(client) !== lease && !isLost) {
      throw new Error('Release called on client which has already been released to the pool.');
    }
    this.#leases.delete(client);
    tell(this, 'release', told, client);
    if (!isLost) end();
  }

  /** Not every holder releases a client that failed; nobody can use it any more, so its place is free at once. */
  #clientEnded(client: PgConnection): void {
    const lease = this.#leases.get(client);
    if (lease !== undefined) {
      this.#leases.delete(client);
      this.#lost.add(client);
      lease.release(new ConnectionEndedError('The connection ended while it was lent'));
    }
    tell(this, 'remove', client);
  }

  async #query(statement: unknown, values: unknown): Promise<unknown> {
    if (typeof statement === 'function') {
      throw new Error('Passing a function as the first parameter to pool.query is not supported');
    }
    if (this.connect !== DropInPool.prototype.connect) return this.#queryOnTheirs(statement, values);
    const client = await this.#connect();
    const lease = this.#leases.get(client) as Lease<PgConnection>;
    return answerOf(client, statement, values, (error) => {
      // The error's class decides whether the connection stays.
      if (this.#leases.get(client) === lease || this.#lost.has(client))
        this.#takeBack(client, lease, { told: error ?? null, end: () => lease.release(error) });
    });
  }

  /** A subclass may do more when it connects, and count on it here too. */
  async #queryOnTheirs(statement: unknown, values: unknown): Promise<unknown> {
    const client = await clientFrom((connected) => this.connect(connected as Connected));
    return answerOf(client, statement, values, (error) =>
      client.release(classifyPgError(error, 'use') === 'connection-lost' ? (error as Error) : undefined),
    );
  }

  async #end(): Promise<void> {
    if (this.ending) throw new Error('Called end on pool more than once');
    this.ending = true;
    await this.#askers.allGone();
    await this.#core.close({ timeoutMs: Number.POSITIVE_INFINITY });
    // The clients tell of their end in the next tick.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    this.ended = true;
  }

  /** The promise class that the options name. */
  #promise<Value>(promise: Promise<Value>): Promise<Value> {
    if (this.Promise === globalThis.Promise) return promise;
    return new this.Promise<Value>((resolve, reject) => void promise.then(resolve, reject));
  }

  async #setUp(client: PgConnection): Promise<void> {
    const { onConnect, verify } = this.options;
    await onConnect?.(client);
    this.#bornAtMs.set(client, systemClock.now());
    client.on('error', (error) => this.#clientFailed(client, error));
    client.once('end', () => this.#clientEnded(client));
    tell(this, 'connect', client);
    if (verify !== undefined) await verified(client, verify);
  }

  /** An idle client's error is told, as pg.Pool does, but it ends no process for want of a listener. */
  #clientFailed(client: PgConnection, error: Error): void {
    if (this.#leases.has(client) || this.#ended.has(client) || this.listenerCount('error') === 0) return;
    tell(this, 'error', Object.isExtensible(error) ? Object.assign(error, { client }) : error, client);
  }
}

// ORMs ask for the name of the class.
Object.defineProperty(DropInPool, 'name', { value: 'Pool' });

/** In place of `pg.Pool`: the same options, members, events and errors. What differs on purpose stands in the README. */
export const Pool: new (options?: pg.PoolConfig) => Pool = DropInPool;

/**
 * The pool behind a drop-in: `snapshot()`, `health()`, `metrics`, `on(…)`, `resize()`, `recycle()`; `undefined` for pg's own.
 * What it lends is not counted in the drop-in's events.
 */
export function corePoolOf(pool: pg.Pool): CorePool<PgConnection> | undefined {
  return DropInPool.coreOf(pool);
}
