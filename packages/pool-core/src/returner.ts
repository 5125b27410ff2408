/**
 * Owns the way of a connection back from its lease: what its last error means, its reset, and whether it stays.
 * It must never know who held it, or who gets it next.
 */
import { CallContext } from '@cryo/resilience';
import type { Closer } from './closer.ts';
import { EVICTION, type PooledConnection } from './connection.ts';
import { classifyError, type ErrorClass, letProcessEnd } from './driver.ts';
import { DriverCall } from './driver-call.ts';
import type { LeaseTimes } from './lease-times.ts';
import { reasonToEnd } from './retirement.ts';
import type { Stores } from './stores.ts';

/** Where a connection went from its lease. A reason: it was destroyed for that, and its slot is still to be freed. */
type Place = 'idle' | 'elsewhere' | 'lost' | 'reset-failed' | 'pool-closed';

/** What a holder said at the end of a lease. */
type Verdict = ErrorClass | 'evicted';

export class Returner<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #closer: Closer<Connection, Grant>;
  /** A store changed. */
  readonly #changed: () => void;
  readonly #bypassMs: number;
  readonly #leaseTimes: LeaseTimes;

  constructor(stores: Stores<Connection, Grant>, closer: Closer<Connection, Grant>, changed: () => void) {
    this.#stores = stores;
    this.#closer = closer;
    this.#changed = changed;
    this.#bypassMs = stores.settings.validation.bypassMs;
    this.#leaseTimes = stores.metrics.leaseTimes;
  }

  releasedAgain(connection: PooledConnection<Connection>, lease: { stamp: number; label: string | undefined }): void {
    // A holder whose lease was taken away meanwhile did nothing wrong.
    const { revocation } = connection;
    if (revocation?.stamp === lease.stamp && !revocation.released) {
      revocation.released = true;
      return;
    }
    const { label } = lease;
    this.#stores.metrics.doubleReleases.add();
    this.#stores.events.emit('double-release', { connection: connection.id, label });
  }

  /**
   * Ends the lease in force at the connection's `idleSinceMs`. `error` is what the work failed with; `undefined` when it did not fail,
   * `EVICTION` to end the connection.
   */
  release(connection: PooledConnection<Connection>, error: unknown): void {
    const { queue, events } = this.#stores;
    const { idleSinceMs: now, details } = connection;
    const heldMs = heldUntilMs(connection, now);
    // Over before the driver is asked what the error means: from within it the same lease may be given back again.
    this.#endLeaseToBeJudged(connection);
    const verdict = error === undefined ? undefined : this.#judge(error);
    const place = this.#send(connection, verdict, now);
    this.#tell(connection, heldMs, details?.label);
    if (details?.leakReported === true)
      events.emit('leak-ended', { connection: connection.id, heldMs, label: details.label });
    if (verdict !== undefined && verdict !== 'evicted') this.#closer.report(connection, error, 'use', verdict);
    if (place === 'idle') {
      if (queue.size > 0) this.#changed();
    } else if (place !== 'elsewhere') this.#closer.freed(connection, place);
  }

  /** Takes the connection away from its holder and ends it. */
  revoke(connection: PooledConnection<Connection>, reason: 'reclaimed' | 'pool-closed', cause: unknown): void {
    const { details } = connection;
    connection.revocation = { stamp: connection.stamp, cause, released: false };
    connection.idleSinceMs = this.#stores.clock.now();
    const heldMs = heldUntilMs(connection, connection.idleSinceMs);
    this.#endLeaseToBeJudged(connection);
    this.#closer.destroy(connection, reason, 'held');
    this.#tell(connection, heldMs, details?.label);
    details?.revoke?.(cause);
    this.#closer.freed(connection, reason);
  }

  /** The lease is over, at the connection's `idleSinceMs`: measured, and of no use to its holder any more. */
  endLease(connection: PooledConnection<Connection>): void {
    this.#leaseTimes.held(heldUntilMs(connection, connection.idleSinceMs));
    connection.stamp++;
    connection.details = undefined;
  }

  /** The same where others are asked before it counts as anything but leased: it is held by nobody meanwhile. */
  #endLeaseToBeJudged(connection: PooledConnection<Connection>): void {
    this.endLease(connection);
    connection.leasedAtMs = Number.POSITIVE_INFINITY;
  }

  #tell(connection: PooledConnection<Connection>, heldMs: number, label: string | undefined): void {
    const { events } = this.#stores;
    if (events.has('lease-released')) events.emit('lease-released', { connection: connection.id, heldMs, label });
  }

  #judge(error: unknown): Verdict {
    return error === EVICTION ? 'evicted' : classifyError(this.#stores.driver, error, 'use');
  }

  #send(connection: PooledConnection<Connection>, verdict: Verdict | undefined, now: number): Place {
    const lost = verdict === 'connection-lost' || verdict === 'server-unavailable';
    if (lost || connection.brokenBy !== undefined) {
      this.#closer.destroy(connection, 'lost', 'held');
      return 'lost';
    }
    const due = reasonToEnd(this.#stores, connection, now) ?? (verdict === 'evicted' ? verdict : undefined);
    if (due === undefined) return this.#reset(connection, now);
    this.#closer.close(connection, due);
    return 'elsewhere';
  }

  #reset(connection: PooledConnection<Connection>, now: number): Place {
    const { driver, settings } = this.#stores;
    if (driver.reset === undefined) return this.#home(connection, now);
    const context = new CallContext(now + settings.reset.timeoutMs);
    let answer: void | Promise<void>;
    try {
      answer = driver.reset(connection.resource, context);
    } catch (error) {
      return this.#resetFailed(connection, error);
    }
    if (answer === undefined) return this.#resetAtOnce(connection, now);
    this.#awaitReset(connection, answer, context, now);
    return 'elsewhere';
  }

  /** It was clean; but the driver was asked, and may have closed or changed the pool meanwhile. */
  #resetAtOnce(connection: PooledConnection<Connection>, now: number): Place {
    const due = reasonToEnd(this.#stores, connection, now);
    if (due === undefined || connection.brokenBy !== undefined) return this.#home(connection, now);
    this.#closer.close(connection, due);
    return 'elsewhere';
  }

  #awaitReset(
    connection: PooledConnection<Connection>,
    answer: Promise<void>,
    context: CallContext,
    now: number,
  ): void {
    const { settings, roster, calls } = this.#stores;
    roster.move(connection, 'resetting', now);
    const call = new DriverCall<void>(
      calls,
      { phase: 'reset', timeoutMs: settings.reset.timeoutMs },
      {
        succeeded: () => this.#resetDone(connection, now),
        slow: () => this.#slow(connection),
        failed: (error, slot) => {
          const reason = this.#resetFailed(connection, error);
          if (slot === 'free') this.#closer.freed(connection, reason);
        },
        freed: () => this.#closer.freed(connection, 'reset-failed'),
        late: () => {},
      },
      context,
    );
    connection.cutCall = (reason) => call.cut(reason);
    call.begin(() => answer);
  }

  #slow(connection: PooledConnection<Connection>): void {
    this.#stores.roster.markSlow(connection);
    this.#changed();
  }

  #resetDone(connection: PooledConnection<Connection>, askedAtMs: number): void {
    const now = this.#stores.clock.now();
    this.#stores.metrics.resetTime.record(now - askedAtMs);
    const due = reasonToEnd(this.#stores, connection, now);
    if (due !== undefined && connection.brokenBy === undefined) return this.#closer.close(connection, due);
    if (this.#home(connection, now) === 'idle') this.#changed();
    else this.#closer.freed(connection, 'lost');
  }

  #resetFailed(connection: PooledConnection<Connection>, error: unknown): 'reset-failed' | 'pool-closed' {
    const closing = this.#stores.lifecycle === 'closing';
    const reason = closing ? 'pool-closed' : 'reset-failed';
    this.#closer.destroy(connection, reason, 'held');
    if (closing) return reason;
    if (this.#closer.judge(connection, error, 'reset') === 'keep') {
      this.#closer.report(connection, error, 'reset', 'connection-lost');
    }
    return reason;
  }

  #home(connection: PooledConnection<Connection>, now: number): Place {
    // A driver that reports the connection broken while it resets it synchronously has the last word.
    if (connection.brokenBy !== undefined) {
      this.#closer.destroy(connection, 'lost', 'held');
      return 'lost';
    }
    connection.idleSinceMs = now;
    this.#stores.roster.move(connection, 'idle', now);
    this.layDown(connection);
    return 'idle';
  }

  /** What the roster counts as idle lies there from its `idleSinceMs` on, proven. */
  layDown(connection: PooledConnection<Connection>): void {
    const { idle, driver } = this.#stores;
    connection.prove(connection.idleSinceMs, this.#bypassMs);
    idle.push(connection);
    if (driver.unref !== undefined) letProcessEnd(driver, connection.resource);
  }
}

function heldUntilMs({ leasedAtMs }: PooledConnection<unknown>, now: number): number {
  return Math.max(0, now - leasedAtMs);
}
