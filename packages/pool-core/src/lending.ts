/**
 * Owns the lending of a connection: to whom, what is counted, and the lease that is made for it.
 * It must never know how a request came to its turn, nor what becomes of a connection that comes back.
 */
import type { PooledConnection } from './connection.ts';
import { keepProcess } from './driver.ts';
import type { LeakWatch } from './leak.ts';
import { LabelledLease, Lease } from './lease.ts';
import type { AcquireOptions, Waiter } from './request.ts';
import type { Stores } from './stores.ts';

interface Staff<Connection> {
  readonly leaks: LeakWatch<Connection, Lease<Connection>>;
}

export class Lending<Connection> {
  readonly #stores: Stores<Connection, Lease<Connection>>;
  readonly #staff: Staff<Connection>;
  readonly #dropped: FinalizationRegistry<{ connection: PooledConnection<Connection>; stamp: number }> | undefined;

  constructor(stores: Stores<Connection, Lease<Connection>>, staff: Staff<Connection>) {
    this.#stores = stores;
    this.#staff = staff;
    if (!stores.settings.leak.detectDropped) return;
    this.#dropped = new FinalizationRegistry(({ connection, stamp }) => {
      if (connection.stamp === stamp) staff.leaks.dropped(connection);
    });
  }

  /** The decision of the pump for a request that comes now, without the pump. */
  canLend(now: number): boolean {
    const { lifecycle, queue, idle, generation } = this.#stores;
    const { top } = idle;
    if (top === undefined || queue.size > 0 || lifecycle !== 'open') return false;
    return now < top.freshUntilMs && top.generation === generation;
  }

  /** Lends what lies on top to whoever asks now. */
  lendTop(now: number, label: string | undefined, stack: string | undefined): Lease<Connection> {
    const { events } = this.#stores;
    const connection = this.#takeTop(now);
    const lease = this.#lend(connection, label, stack);
    if (events.has('lease-granted')) this.#tellGrant(connection, 0, label);
    return lease;
  }

  /** A lease at once, or nothing. Options are sound. */
  lendNow({ label, signal }: AcquireOptions = {}): Lease<Connection> | undefined {
    const { queue, idle, clock } = this.#stores;
    if (idle.top === undefined || queue.size > 0 || signal?.aborted) return undefined;
    const now = clock.now();
    if (!this.canLend(now)) return undefined;
    const { leaks } = this.#staff;
    return this.lendTop(now, label, leaks.attentive ? leaks.captureStack(label) : undefined);
  }

  /** A lease of what was just lent to somebody who has nothing to say. */
  leaseOf(connection: PooledConnection<Connection>): Lease<Connection> {
    const lease = new Lease(connection);
    if (this.#dropped !== undefined) this.#watch(lease, connection);
    return lease;
  }

  /** Lends the top idle connection to whoever has the turn. */
  grantNext(now: number): void {
    const { queue, idle, roster } = this.#stores;
    if (queue.size === 0 || idle.top === undefined) return;
    const connection = idle.pop();
    roster.lend(connection, now);
    this.serve(connection, queue.take());
  }

  /** Whoever was just taken out of the queue gets the connection, lent at its `leasedAtMs`. */
  serve(connection: PooledConnection<Connection>, waiter: Waiter<Lease<Connection>>): void {
    const { queue, metrics, events } = this.#stores;
    const waitedMs = Math.max(0, connection.leasedAtMs - queue.takenSinceMs);
    metrics.leaseTimes.waited(waitedMs);
    let label: string | undefined;
    if (typeof waiter === 'function') {
      keepProcess(this.#stores.driver, connection.resource);
      waiter(this.leaseOf(connection));
    } else {
      label = waiter.label;
      waiter.unsubscribe?.();
      waiter.settle(this.#lend(connection, label, waiter.acquireStack));
    }
    if (events.has('lease-granted')) this.#tellGrant(connection, waitedMs, label);
  }

  #tellGrant({ id }: PooledConnection<Connection>, waitedMs: number, label: string | undefined): void {
    this.#stores.events.emit('lease-granted', { connection: id, waitedMs, label });
  }

  #takeTop(now: number): PooledConnection<Connection> {
    const { idle, roster, metrics } = this.#stores;
    const connection = idle.pop();
    roster.lend(connection, now);
    metrics.lentAtOnce++;
    return connection;
  }

  #lend(
    connection: PooledConnection<Connection>,
    label: string | undefined,
    stack: string | undefined,
  ): Lease<Connection> {
    keepProcess(this.#stores.driver, connection.resource);
    if (label !== undefined || stack !== undefined) remember(connection, label, stack);
    const lease = label === undefined ? new Lease(connection) : new LabelledLease(connection, label);
    if (this.#dropped !== undefined) this.#watch(lease, connection);
    return lease;
  }

  #watch(lease: Lease<Connection>, connection: PooledConnection<Connection>): void {
    this.#dropped?.register(lease, { connection, stamp: connection.stamp });
  }
}

function remember<Connection>(
  connection: PooledConnection<Connection>,
  label: string | undefined,
  stack: string | undefined,
): void {
  const details = connection.detail();
  details.label = label;
  details.acquireStack = stack;
}
