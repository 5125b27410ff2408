/**
 * Owns the question whether a connection still works, asked of the driver before lending and in the background.
 * It must never know which request waits for the answer: a checked connection goes to whoever is head.
 */
import type { Closer } from './closer.ts';
import type { PooledConnection } from './connection.ts';
import { keepProcess, letProcessEnd } from './driver.ts';
import { DriverCall } from './driver-call.ts';
import { reasonToEnd } from './retirement.ts';
import type { Stores } from './stores.ts';

export type CheckPurpose = 'borrow' | 'background';

export class Validator<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #closer: Closer<Connection, Grant>;
  readonly #changed: () => void;

  constructor(stores: Stores<Connection, Grant>, closer: Closer<Connection, Grant>, changed: () => void) {
    this.#stores = stores;
    this.#closer = closer;
    this.#changed = changed;
  }

  /** Takes an idle connection out of the store and asks; it comes back proven, or ends. */
  check(connection: PooledConnection<Connection>, purpose: CheckPurpose, now: number): void {
    const { settings, roster, idle, driver, calls } = this.#stores;
    const due = reasonToEnd(this.#stores, connection, now);
    if (due !== undefined) return this.#closer.close(connection, due);
    idle.remove(connection);
    roster.move(connection, 'checking', now);
    keepProcess(driver, connection.resource);
    const call = new DriverCall<void>(
      calls,
      { phase: 'check', timeoutMs: settings.validation.timeoutMs },
      {
        succeeded: () => this.#passed(connection, purpose, now),
        slow: () => this.#slow(connection),
        failed: (error, slot) => this.#failed(connection, purpose, error, slot),
        freed: () => this.#closer.freed(connection, 'check-failed'),
        late: () => {},
      },
    );
    connection.cutCall = (reason) => call.cut(reason);
    call.begin((context) => driver.check(connection.resource, context));
  }

  #slow(connection: PooledConnection<Connection>): void {
    this.#stores.roster.markSlow(connection);
    this.#changed();
  }

  #passed(connection: PooledConnection<Connection>, purpose: CheckPurpose, askedAtMs: number): void {
    const { clock, settings, metrics } = this.#stores;
    if (purpose === 'background') metrics.healthCheckPassed();
    if (connection.brokenBy !== undefined) return this.#closer.destroy(connection, 'lost');
    const now = clock.now();
    metrics.checkTime.record(now - askedAtMs);
    connection.vouch(now, settings.validation.bypassMs);
    const due = reasonToEnd(this.#stores, connection, now);
    if (due !== undefined) return this.#closer.close(connection, due);
    this.#rest(connection, purpose, now);
    this.#changed();
  }

  #rest(connection: PooledConnection<Connection>, purpose: CheckPurpose, now: number): void {
    const { roster, idle, driver } = this.#stores;
    roster.move(connection, 'idle', now);
    if (purpose === 'borrow') idle.push(connection);
    else idle.tuck(connection);
    letProcessEnd(driver, connection.resource);
  }

  #failed(
    connection: PooledConnection<Connection>,
    purpose: CheckPurpose,
    error: unknown,
    slot: 'free' | 'held',
  ): void {
    const { metrics, events, redactor, lifecycle } = this.#stores;
    if (lifecycle === 'closing' || lifecycle === 'closed') return this.#closer.destroy(connection, 'pool-closed', slot);
    metrics.checkFailed(purpose);
    if (this.#closer.judge(connection, error, 'check') === 'keep')
      this.#closer.report(connection, error, 'check', 'connection-lost');
    events.emit('check-failed', { connection: connection.id, purpose, error: redactor.mask(error) });
    this.#closer.destroy(connection, 'check-failed', slot);
  }
}
