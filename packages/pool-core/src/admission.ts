/**
 * Owns the entry of a dialed connection into the pool, and the watch over it from then to its end.
 * It must never know why it was dialed.
 */
import type { Closer } from './closer.ts';
import type { PooledConnection } from './connection.ts';
import { classifyError, letProcessEnd } from './driver.ts';
import { reasonToEnd } from './retirement.ts';
import type { Stores } from './stores.ts';

export class Admission<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #closer: Closer<Connection, Grant>;
  readonly #changed: () => void;

  constructor(stores: Stores<Connection, Grant>, closer: Closer<Connection, Grant>, changed: () => void) {
    this.#stores = stores;
    this.#closer = closer;
    this.#changed = changed;
  }

  /** The one place where a connection enters: closed meanwhile, shrunk meanwhile, broken already are asked here alone. */
  admit(connection: PooledConnection<Connection>, dialMs: number): void {
    const { roster, idle, driver, events } = this.#stores;
    this.#watch(connection);
    events.emit('connection-opened', { connection: connection.id, dialMs });
    const due = reasonToEnd(this.#stores, connection, connection.bornAtMs);
    if (connection.brokenBy !== undefined) return this.#closer.destroy(connection, 'lost');
    if (due !== undefined) return this.#closer.close(connection, due);
    connection.idleSinceMs = connection.bornAtMs;
    roster.move(connection, 'idle', connection.bornAtMs);
    idle.push(connection);
    letProcessEnd(driver, connection.resource);
    this.#changed();
  }

  #watch(connection: PooledConnection<Connection>): void {
    const { driver } = this.#stores;
    try {
      connection.unwatch = driver.watch?.(connection.resource, (error) => this.#broken(connection, error));
    } catch (error) {
      this.#broken(connection, error);
    }
  }

  /** The driver says that the connection broke by itself. Only the first word counts. */
  #broken(connection: PooledConnection<Connection>, error: unknown): void {
    if (connection.brokenBy !== undefined || connection.state === 'closing' || connection.state === 'gone') return;
    connection.brokenBy = { error };
    const said = classifyError(this.#stores.driver, error, 'use');
    const errorClass = said === 'server-unavailable' ? said : 'connection-lost';
    this.#closer.report(connection, error, 'use', errorClass);
    // Wherever else it stands, whoever has it in hand ends it when they are done.
    if (connection.state === 'idle') this.#closer.destroy(connection, 'lost');
  }
}
