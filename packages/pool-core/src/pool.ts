/**
 * Owns the public face of a pool: what a caller may ask, and what is answered.
 * It must never know how the pool comes to its answer.
 */
import { type AbortSignal, CallContext, type RegistryReading } from '@cryo/resilience';
import { checkCall, checkCallback, parseBounds } from './call-options.ts';
import type { CloseReport } from './closing.ts';
import type { PoolEvents } from './events.ts';
import type { Health } from './health.ts';
import { Lease } from './lease.ts';
import { Machinery } from './machinery.ts';
import type { PoolOptions } from './options.ts';
import type { ReadyOptions } from './readiness.ts';
import type { AcquireOptions } from './request.ts';
import type { ShortWay } from './short-way.ts';
import type { PoolSnapshot, SizeBounds } from './snapshot.ts';

/** What the work of `use` is told. */
export interface UseContext {
  /** Aborts with the caller's own signal, and when the pool takes the connection away. */
  readonly signal: AbortSignal;
  /** Absolute, on the pool's clock, in ms; `Infinity` for none. */
  readonly deadline: number;
}

/** {@link AcquireOptions}; the deadline bounds the wait, and the work is told of it. */
export interface UseOptions extends AcquireOptions {
  /** For the wait and the work together: absolute, on the pool's clock, in ms. Default: none. */
  readonly deadline?: number;
}

/** A pool of connections. Every rejection is a typed error with a stable `code`; see the error classes of this package. */
export interface Pool<Connection> {
  /** As in the options: what errors, metrics and log lines call it. */
  readonly name: string;
  /** Counters and times since the pool was made; `read({ since })` gives the change since an earlier reading. */
  readonly metrics: { read(options?: { readonly since?: RegistryReading }): RegistryReading };
  /**
   * Resolves once `min` connections are there.
   *
   * @throws MisconfiguredError, ServerUnavailableError as soon as the dial breaker is open; a probe that is out is waited for
   * @throws AcquireTimeoutError, AcquireAbortedError, PoolClosedError
   */
  ready(options?: ReadyOptions): Promise<void>;
  /**
   * Lends a connection: at once where one is fresh and idle, else in order of arrival.
   *
   * @throws AcquireTimeoutError, AcquireAbortedError, QueueFullError, PoolClosedError
   * @throws AcquireShedError before its deadline, in a pool made with `shedding` that is overloaded
   * @throws ServerUnavailableError, MisconfiguredError at once while the server is down and nothing is left that could serve
   * @throws InvalidOptionsError for a `timeoutMs` that is not above 0
   */
  acquire(options?: AcquireOptions): Promise<Lease<Connection>>;
  /** A lease at once, where a connection is idle, was proven within `validation.bypassMs` and nobody waits; else `undefined`. */
  tryAcquire(options?: { readonly label?: string }): Lease<Connection> | undefined;
  /** Acquires, works, releases; a failure of the work reaches the caller as the very error that was thrown. */
  use<Result>(
    work: (connection: Connection, context: UseContext) => Result | PromiseLike<Result>,
    options?: UseOptions,
  ): Promise<Result>;
  /**
   * New bounds, in connections, in force at once. Leased connections above a lower `max` end when they come home.
   *
   * @throws InvalidOptionsError listing every fault
   */
  resize(bounds: Partial<SizeBounds>): void;
  /** Every connection of today ends when it is not in use, and is replaced. */
  recycle(): void;
  /** Holds all requests: nothing is lent, dialed or checked until `resume()`. Deadlines go on. */
  suspend(): void;
  /** Goes on; every idle connection is checked before it is lent. */
  resume(): void;
  /** Everything there is to see from outside, at this moment, as a frozen plain value. */
  snapshot(): PoolSnapshot;
  /** Whether a request would be served now, and what was wrong in the last minute, with reasons. */
  health(): Health;
  /** Subscribes, and answers what unsubscribes. A listener that throws hurts nobody: see `listener-failed`. */
  on<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): () => void;
  /**
   * Refuses all waiters, waits for leases for `timeoutMs` (default: `closing.timeoutMs`), then takes them away and names
   * who held them. Never rejects, but for a bad `timeoutMs`.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<CloseReport>;
}

class ConnectionPool<Connection> implements Pool<Connection> {
  readonly name: string;
  readonly metrics: Pool<Connection>['metrics'];
  readonly #machinery: Machinery<Connection>;
  readonly #shortWay: ShortWay<Connection>;

  constructor(options: PoolOptions<Connection>) {
    this.#machinery = new Machinery(options);
    this.#shortWay = this.#machinery.shortWay;
    const { settings, metrics } = this.#machinery.stores;
    this.name = settings.name;
    this.metrics = { read: (reading) => metrics.read(reading) };
  }

  async ready(options: ReadyOptions = {}): Promise<void> {
    checkCall(this.name, 'ready', options);
    const { settings } = this.#machinery.stores;
    const timeoutMs = options.timeoutMs ?? settings.acquire.timeoutMs;
    const ready = this.#machinery.readiness.wait(timeoutMs, options.signal);
    this.#machinery.changed();
    return ready;
  }

  acquire(options?: AcquireOptions): Promise<Lease<Connection>> {
    if (options === undefined) return this.#shortWay.acquire() ?? this.#machinery.acquisition.acquire();
    try {
      checkCall(this.name, 'acquire', options);
      return this.#machinery.acquisition.acquire(options);
    } catch (error) {
      // A fault of the options, or of a signal that can't be listened to.
      return Promise.reject(error);
    }
  }

  tryAcquire(options?: { readonly label?: string }): Lease<Connection> | undefined {
    if (options !== undefined) checkCall(this.name, 'tryAcquire', options);
    return this.#machinery.lending.lendNow(options);
  }

  use<Result>(
    work: (connection: Connection, context: UseContext) => Result | PromiseLike<Result>,
    options?: UseOptions,
  ): Promise<Result> {
    const isPlain = options === undefined && typeof work === 'function';
    const connection = isPlain ? this.#shortWay.borrow() : undefined;
    return connection === undefined ? this.#useInTurn(work, options) : connection.loan.run(work);
  }

  async #useInTurn<Result>(
    work: (connection: Connection, context: UseContext) => Result | PromiseLike<Result>,
    options: UseOptions | undefined,
  ): Promise<Result> {
    checkCallback(`Pool '${this.name}': use`, 'work', work);
    if (options !== undefined) checkCall(this.name, 'use', options);
    const { lending, acquisition } = this.#machinery;
    // Awaiting what is there already would cost a turn of the microtask queue and a promise for each call.
    const lease = lending.lendNow(options) ?? (await acquisition.acquire(options));
    let unfollow: (() => void) | undefined;
    try {
      // Options and signals are the caller's code: what they throw from here on must not keep the lease.
      const context = new CallContext(options?.deadline ?? Number.POSITIVE_INFINITY);
      unfollow = followSignal(context, options?.signal);
      Lease.whenRevoked(lease, (reason) => context.abort(reason));
      const result = await work(lease.connection, context);
      lease.release();
      return result;
    } catch (error) {
      lease.release(error);
      throw error;
    } finally {
      unfollow?.();
    }
  }

  resize(bounds: Partial<SizeBounds>): void {
    const { baseline, stores } = this.#machinery;
    const { expect } = stores.settings.size;
    this.#machinery.rebase(parseBounds(this.name, bounds, expect === undefined ? baseline : { ...baseline, expect }));
  }

  recycle(): void {
    const { stores, opener } = this.#machinery;
    if (stores.lifecycle === 'closing' || stores.lifecycle === 'closed') return;
    stores.generation++;
    opener.schedule.retryNow();
    this.#machinery.changed();
  }

  suspend(): void {
    const { stores, shedding } = this.#machinery;
    if (stores.lifecycle !== 'open') return;
    stores.lifecycle = 'suspended';
    shedding?.countFrom(Number.POSITIVE_INFINITY, stores.clock.now());
    stores.events.emit('suspended', { waiting: stores.queue.size });
  }

  resume(): void {
    const { stores, shedding } = this.#machinery;
    if (stores.lifecycle !== 'suspended') return;
    stores.lifecycle = 'open';
    const now = stores.clock.now();
    shedding?.countFrom(now, now);
    stores.idle.suspectAll();
    stores.events.emit('resumed', { waiting: stores.queue.size });
    this.#machinery.changed();
  }

  snapshot(): PoolSnapshot {
    return this.#machinery.snapshot();
  }

  health(): Health {
    const snapshot = this.snapshot();
    return this.#machinery.health.read(snapshot.atMs, snapshot);
  }

  on<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): () => void {
    return this.#machinery.stores.events.on(name, listener);
  }

  async close(options: { readonly timeoutMs?: number } = {}): Promise<CloseReport> {
    checkCall(this.name, 'close', options);
    const timeoutMs = options.timeoutMs ?? this.#machinery.stores.settings.closing.timeoutMs;
    return this.#machinery.closing.begin(timeoutMs);
  }
}

function followSignal(context: CallContext, signal: AbortSignal | undefined): (() => void) | undefined {
  if (signal === undefined) return undefined;
  const aborted = () => context.abort(signal.reason);
  if (signal.aborted) aborted();
  else signal.addEventListener('abort', aborted, { once: true });
  return () => signal.removeEventListener('abort', aborted);
}

/**
 * Makes a pool and starts dialing its first `min` connections; await `ready()` to know that they are there.
 *
 * @throws InvalidOptionsError listing every fault of the options; then nothing was opened
 */
export function createPool<Connection>(options: PoolOptions<Connection>): Pool<Connection> {
  return new ConnectionPool(options);
}
