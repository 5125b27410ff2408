/**
 * Owns the short way of a lease: for a caller who says nothing, of a pool that is well and that nobody listens to.
 * It must never do more than lend, queue, take back and hand over: where anything else is to be done, it leaves all to the long way.
 *
 * ```text
 *   acquire ─► something idle? ──yes──► borrow: fresh? ─► off the stack ─► Lease
 *                   └──no──► join: a resolver in the line
 *   use ──────────────────────────────► borrow ─► Loan
 *   release ─► plain? ─► end of the lease ─► somebody waits? ──no──► back on the stack
 *                                                   └──yes──► handed over: Lease ─► the resolver
 * ```
 *
 * Every lease goes this way unless something is amiss, so what it costs is what a pool costs. An engine puts functions together up
 * to a bound: hence the stores at hand in fields, few calls, and fields that are private by type alone. What that bought, and what
 * it did not: docs/decisions/0016-the-short-way.md.
 */
import type { Clock, Emitter } from '@cryo/resilience';
import type { LeaseDesk, PooledConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import { type Driver, keepProcess } from './driver.ts';
import type { PoolEvents } from './events.ts';
import { deferGrant } from './grant-promise.ts';
import type { IdleStore } from './idle-store.ts';
import type { LeakWatch } from './leak.ts';
import type { Lease } from './lease.ts';
import type { Lending } from './lending.ts';
import type { PoolMetrics } from './pool-metrics.ts';
import { surelyStays } from './retirement.ts';
import type { Returner } from './returner.ts';
import type { Roster } from './roster.ts';
import type { Stores } from './stores.ts';
import type { WaitQueue } from './wait-queue.ts';

/** Whoever does what is more than the short way. */
interface Staff<Connection> {
  readonly leaks: LeakWatch<Connection, Lease<Connection>>;
  readonly lending: Lending<Connection>;
  readonly returner: Returner<Connection, Lease<Connection>>;
  readonly dispatcher: Dispatcher<Connection, Lease<Connection>>;
}

export class ShortWay<Connection> implements LeaseDesk<Connection> {
  private readonly stores: Stores<Connection, Lease<Connection>>;
  private readonly driver: Driver<Connection>;
  private readonly clock: Clock;
  private readonly events: Emitter<PoolEvents>;
  private readonly metrics: PoolMetrics;
  private readonly roster: Roster<Connection>;
  private readonly idle: IdleStore<Connection>;
  private readonly queue: WaitQueue<Lease<Connection>>;
  private readonly leaks: LeakWatch<Connection, Lease<Connection>>;
  private readonly lending: Lending<Connection>;
  private readonly returner: Returner<Connection, Lease<Connection>>;
  private readonly dispatcher: Dispatcher<Connection, Lease<Connection>>;

  constructor(stores: Stores<Connection, Lease<Connection>>, staff: Staff<Connection>) {
    this.stores = stores;
    this.driver = stores.driver;
    this.clock = stores.clock;
    this.events = stores.events;
    this.metrics = stores.metrics;
    this.roster = stores.roster;
    this.idle = stores.idle;
    this.queue = stores.queue;
    this.leaks = staff.leaks;
    this.lending = staff.lending;
    this.returner = staff.returner;
    this.dispatcher = staff.dispatcher;
  }

  get pool(): string {
    return this.stores.settings.name;
  }

  /** A lease, or a place in the queue; nothing where that takes more than the short way. */
  acquire(): Promise<Lease<Connection>> | undefined {
    if (this.idle.top === undefined) return this.join();
    const connection = this.borrow();
    return connection === undefined ? undefined : this.lending.leaseOf(connection).asPromise();
  }

  /** A connection at once that comes back without a lease, or nothing. */
  borrow(): PooledConnection<Connection> | undefined {
    const { stores, idle } = this;
    const { top } = idle;
    if (top === undefined || this.queue.size > 0 || stores.lifecycle !== 'open') return undefined;
    if (this.leaks.attentive || this.events.has('lease-granted')) return undefined;
    const now = this.clock.now();
    if (now >= top.freshUntilMs || top.generation !== stores.generation) return undefined;
    idle.pop();
    this.roster.lend(top, now);
    this.metrics.lentAtOnce++;
    this.countUse(top);
    return top;
  }

  private join(): Promise<Lease<Connection>> | undefined {
    const { queue } = this;
    if (this.stores.lifecycle !== 'open' || queue.full) return undefined;
    if (this.leaks.attentive || this.events.has('request-queued')) return undefined;
    const now = this.clock.now();
    const { promise, settle } = deferGrant<Lease<Connection>>();
    queue.join(settle, now);
    this.dispatcher.queued();
    return promise;
  }

  release(connection: PooledConnection<Connection>, error: unknown): void {
    connection.idleSinceMs = this.clock.now();
    if (error !== undefined || !this.isPlain(connection)) return this.returner.release(connection, error);
    this.returner.endLease(connection);
    if (this.queue.size > 0) return this.passOn(connection);
    this.returner.layDown(connection);
  }

  releasedAgain(
    connection: PooledConnection<Connection>,
    lease: { readonly stamp: number; readonly label: string | undefined },
  ): void {
    this.returner.releasedAgain(connection, lease);
  }

  /** Nothing is to be done with it but to lend it again, and nobody wants to hear of it. */
  private isPlain(connection: PooledConnection<Connection>): boolean {
    return (
      this.driver.reset === undefined &&
      connection.brokenBy === undefined &&
      connection.details?.leakReported !== true &&
      !this.events.has('lease-released') &&
      surelyStays(this.stores, connection, connection.idleSinceMs)
    );
  }

  private passOn(connection: PooledConnection<Connection>): void {
    if (!this.dispatcher.handsOver()) {
      this.returner.layDown(connection);
      return this.dispatcher.pump();
    }
    // What its last lease proved will be proved again when this one ends.
    this.roster.handOver(connection, connection.idleSinceMs);
    const waiter = this.queue.take();
    if (typeof waiter !== 'function' || this.events.has('lease-granted')) return this.lending.serve(connection, waiter);
    this.metrics.waitTime.record(Math.max(0, connection.leasedAtMs - this.queue.takenSinceMs));
    this.countUse(connection);
    waiter(this.lending.leaseOf(connection));
  }

  private countUse(connection: PooledConnection<Connection>): void {
    connection.uses++;
    if (this.driver.ref !== undefined) keepProcess(this.driver, connection.resource);
  }
}
