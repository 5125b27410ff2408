/**
 * Owns the end of a connection: polite or immediate, and what its loss says about the others.
 * It must never know what follows; it tells that a place is free.
 */
import type { PooledConnection } from './connection.ts';
import { classifyError, type DriverPhase, destroyQuietly, type ErrorClass } from './driver.ts';
import { DriverCall } from './driver-call.ts';
import type { CloseReason } from './events.ts';
import { quietly } from './quietly.ts';
import type { Stores } from './stores.ts';

/** What the closer reports. */
export interface Endings {
  /** A slot is free. */
  ended(): void;
  /** A connection found the server gone. */
  serverLost(error: unknown): void;
}

export class Closer<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #endings: Endings;

  constructor(stores: Stores<Connection, Grant>, endings: Endings) {
    this.#stores = stores;
    this.#endings = endings;
  }

  /** Polite: tells the server, and destroys if that fails or takes too long. */
  close(connection: PooledConnection<Connection>, reason: CloseReason): void {
    const { driver, settings, calls } = this.#stores;
    this.#leave(connection);
    const call = new DriverCall<void>(
      calls,
      { phase: 'close', timeoutMs: settings.closing.timeoutMs },
      {
        succeeded: () => this.freed(connection, reason),
        failed: (_error, slot) => {
          destroyQuietly(driver, connection.resource);
          if (slot === 'free') this.freed(connection, reason);
        },
        freed: () => this.freed(connection, reason),
        late: () => {},
      },
    );
    connection.cutCall = (reason) => call.cut(reason);
    call.begin((context) => driver.close(connection.resource, context));
  }

  /** Immediate. `held`: a call into the driver is still out, so the slot stays until {@link freed}. */
  destroy(connection: PooledConnection<Connection>, reason: CloseReason, slot: 'free' | 'held' = 'free'): void {
    this.#leave(connection);
    destroyQuietly(this.#stores.driver, connection.resource);
    if (slot === 'free') this.freed(connection, reason);
  }

  /** The last call into the driver is over: the slot goes. */
  freed(connection: PooledConnection<Connection>, reason: CloseReason): void {
    const { roster, capacity, metrics, events, clock } = this.#stores;
    const now = clock.now();
    if (connection.unwatch !== undefined) quietly(connection.unwatch);
    connection.unwatch = undefined;
    roster.move(connection, 'gone', now);
    quietly(() => capacity.give());
    metrics.connectionClosed(reason);
    events.emit('connection-closed', { connection: connection.id, reason, ageMs: now - connection.bornAtMs });
    this.#endings.ended();
  }

  /**
   * Reads an error of this connection and draws the consequences for the others. Answers whether the connection itself
   * can stay.
   */
  judge(connection: PooledConnection<Connection>, error: unknown, phase: DriverPhase): 'keep' | 'evict' {
    const errorClass = classifyError(this.#stores.driver, error, phase);
    this.report(connection, error, phase, errorClass);
    return errorClass === 'connection-lost' || errorClass === 'server-unavailable' ? 'evict' : 'keep';
  }

  /** Counts and tells an error whose class is known; a lost connection makes all idle ones suspect. */
  report(connection: PooledConnection<Connection>, error: unknown, phase: DriverPhase, errorClass: ErrorClass): void {
    const { metrics, events, idle, redactor } = this.#stores;
    if (errorClass !== 'statement' && errorClass !== 'conflict') metrics.connectionError(errorClass);
    if (errorClass === 'connection-lost' || errorClass === 'server-unavailable') idle.suspectAll();
    if (errorClass === 'server-unavailable') this.#endings.serverLost(redactor.mask(error));
    if (!events.has('connection-error')) return;
    events.emit('connection-error', { connection: connection.id, phase, errorClass, error: redactor.mask(error) });
  }

  #leave(connection: PooledConnection<Connection>): void {
    const { idle, roster, clock } = this.#stores;
    if (connection.state === 'idle') idle.remove(connection);
    roster.move(connection, 'closing', clock.now());
  }
}
