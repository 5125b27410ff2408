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
 * Every lease goes this way unless something is amiss, so what it costs is what a pool costs. These are functions that are made once
 * for each pool and close over its stores: an engine that knows one pool compiles its stores into the code. It puts functions together
 * up to a bound, hence few calls. What that bought, and what did not: docs/decisions/0016-the-short-way.md.
 */
import type { LeaseDesk, PooledConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import { keepProcess } from './driver.ts';
import { deferGrant } from './grant-promise.ts';
import type { LeakWatch } from './leak.ts';
import type { Lease } from './lease.ts';
import type { Lending } from './lending.ts';
import { surelyStays } from './retirement.ts';
import type { Returner } from './returner.ts';
import type { Stores } from './stores.ts';

/** Whoever does what is more than the short way. */
interface Staff<Connection> {
  readonly leaks: LeakWatch<Connection, Lease<Connection>>;
  readonly lending: Lending<Connection>;
  readonly returner: Returner<Connection, Lease<Connection>>;
  readonly dispatcher: Dispatcher<Connection, Lease<Connection>>;
}

/** From the pool to a holder. */
interface WayOut<Connection> {
  /** A lease, or a place in the queue; nothing where that takes more than the short way. */
  acquire(): Promise<Lease<Connection>> | undefined;
  /** A connection at once that comes back without a lease, or nothing. */
  borrow(): PooledConnection<Connection> | undefined;
}

export interface ShortWay<Connection> extends WayOut<Connection>, LeaseDesk<Connection> {}

export function createShortWay<Connection>(
  stores: Stores<Connection, Lease<Connection>>,
  staff: Staff<Connection>,
): ShortWay<Connection> {
  return { pool: stores.settings.name, ...createWayOut(stores, staff), ...createWayBack(stores, staff) };
}

function createWayOut<Connection>(
  stores: Stores<Connection, Lease<Connection>>,
  { leaks, lending, dispatcher }: Staff<Connection>,
): WayOut<Connection> {
  const { driver, clock, events, metrics, roster, idle, queue } = stores;

  function acquire(): Promise<Lease<Connection>> | undefined {
    if (idle.top === undefined) return join();
    const connection = borrow();
    return connection === undefined ? undefined : lending.leaseOf(connection).asPromise();
  }

  function borrow(): PooledConnection<Connection> | undefined {
    const { top } = idle;
    if (top === undefined || queue.size > 0 || stores.lifecycle !== 'open') return undefined;
    if (leaks.attentive || events.has('lease-granted')) return undefined;
    const now = clock.now();
    if (now >= top.freshUntilMs || top.generation !== stores.generation) return undefined;
    idle.pop();
    roster.lend(top, now);
    metrics.lentAtOnce++;
    if (driver.ref !== undefined) keepProcess(driver, top.resource);
    return top;
  }

  function join(): Promise<Lease<Connection>> | undefined {
    if (stores.lifecycle !== 'open' || queue.full) return undefined;
    if (leaks.attentive || events.has('request-queued')) return undefined;
    const now = clock.now();
    const { promise, settle } = deferGrant<Lease<Connection>>();
    queue.join(settle, now);
    dispatcher.queued();
    return promise;
  }

  return { acquire, borrow };
}

/** From a holder back to the pool, or to the next. */
function createWayBack<Connection>(
  stores: Stores<Connection, Lease<Connection>>,
  { lending, returner, dispatcher }: Staff<Connection>,
): Omit<LeaseDesk<Connection>, 'pool'> {
  const { driver, clock, events, metrics, roster, queue } = stores;
  const { leaseTimes } = metrics;

  function release(connection: PooledConnection<Connection>, error: unknown): void {
    connection.idleSinceMs = clock.now();
    if (error !== undefined || !isPlain(connection)) return returner.release(connection, error);
    returner.endLease(connection);
    if (queue.size > 0) return passOn(connection);
    roster.takeHome(connection);
    returner.layDown(connection);
  }

  /** Nothing is to be done with it but to lend it again, and nobody wants to hear of it. */
  function isPlain(connection: PooledConnection<Connection>): boolean {
    return (
      driver.reset === undefined &&
      connection.brokenBy === undefined &&
      connection.details?.leakReported !== true &&
      !events.has('lease-released') &&
      surelyStays(stores, connection, connection.idleSinceMs)
    );
  }

  function passOn(connection: PooledConnection<Connection>): void {
    if (!dispatcher.handsOver()) {
      roster.takeHome(connection);
      returner.layDown(connection);
      return dispatcher.pump();
    }
    // What its last lease proved will be proved again when this one ends.
    roster.handOver(connection, connection.idleSinceMs);
    const waiter = queue.take();
    if (typeof waiter !== 'function' || events.has('lease-granted')) return lending.serve(connection, waiter);
    leaseTimes.waited(Math.max(0, connection.leasedAtMs - queue.takenSinceMs));
    if (driver.ref !== undefined) keepProcess(driver, connection.resource);
    waiter(lending.leaseOf(connection));
  }

  return { release, releasedAgain: (connection, lease) => returner.releasedAgain(connection, lease) };
}
