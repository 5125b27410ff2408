/**
 * Owns the end of a pool: what is refused, what is waited for and how long, and who is named as still holding a lease.
 * It must never know how a single connection ends.
 */
import type { Timer } from '@cryo/resilience';
import type { Acquisition } from './acquisition.ts';
import type { Closer } from './closer.ts';
import type { PooledConnection } from './connection.ts';
import { PoolClosedError } from './errors.ts';
import type { Lease } from './lease.ts';
import type { Opener } from './opener.ts';
import type { Readiness } from './readiness.ts';
import type { Returner } from './returner.ts';
import type { PoolSnapshot } from './snapshot.ts';
import type { Stores } from './stores.ts';

/** Who still held a lease when the time to drain was over. */
export interface Culprit {
  /** The label that the lease was asked for with; `undefined` without one. */
  readonly label: string | undefined;
  /** In ms. */
  readonly heldMs: number;
  /** Where the lease was acquired, when that was captured. */
  readonly stack?: string;
}

/** How a pool ended. */
export interface CloseReport {
  /** Every lease came home by itself. */
  readonly drained: boolean;
  /** Who did not give a lease back in time, whose connection was then taken away. */
  readonly culprits: readonly Culprit[];
}

interface Staff<Connection> {
  readonly acquisition: Acquisition<Connection>;
  readonly readiness: Readiness<Connection, Lease<Connection>>;
  readonly opener: Opener<Connection, Lease<Connection>>;
  readonly closer: Closer<Connection, Lease<Connection>>;
  readonly returner: Returner<Connection, Lease<Connection>>;
  readonly snapshot: () => PoolSnapshot;
  /** Stops what still runs; the last thing that happens. */
  readonly stop: () => void;
}

export class Closing<Connection> {
  readonly #stores: Stores<Connection, Lease<Connection>>;
  readonly #staff: Staff<Connection>;
  #report: Promise<CloseReport> | undefined;
  #finish: ((report: CloseReport) => void) | undefined;
  readonly #culprits: Culprit[] = [];
  #timer: Timer | undefined;

  constructor(stores: Stores<Connection, Lease<Connection>>, staff: Staff<Connection>) {
    this.#stores = stores;
    this.#staff = staff;
  }

  /** Begins the end, once; everybody who asks gets the same report. `timeoutMs` bounds the wait for leases. */
  begin(timeoutMs: number): Promise<CloseReport> {
    if (this.#report !== undefined) return this.#report;
    const report = new Promise<CloseReport>((resolve) => {
      this.#finish = resolve;
    });
    this.#report = report;
    this.#start(timeoutMs);
    return report;
  }

  /** Ends the pool once nothing is left. */
  look(): void {
    const { lifecycle, roster, queue } = this.#stores;
    // Somebody who is told of the close may lead here while others are still to be told.
    if (this.#finish === undefined || lifecycle !== 'closing' || roster.live > 0 || queue.size > 0) return;
    this.#stores.lifecycle = 'closed';
    this.#timer?.cancel();
    this.#staff.stop();
    const report = { drained: this.#culprits.length === 0, culprits: this.#culprits };
    this.#stores.events.emit('closed', { drained: report.drained });
    this.#stores.events.removeAll();
    this.#finish(report);
  }

  #start(timeoutMs: number): void {
    const { queue, clock, roster, timers } = this.#stores;
    this.#stores.lifecycle = 'closing';
    const now = clock.now();
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#timer = timers.set(timeoutMs, () => this.#revokeLeases(), { background: false });
    }
    while (queue.size > 0) this.#staff.acquisition.refuseNext('closed', now);
    this.#staff.readiness.look();
    this.#staff.opener.cutAll(new PoolClosedError(this.#staff.snapshot()));
    for (const connection of [...roster.connections]) {
      if (connection.state === 'idle') this.#staff.closer.close(connection, 'pool-closed');
    }
    this.look();
  }

  #revokeLeases(): void {
    const { roster, clock } = this.#stores;
    const now = clock.now();
    const reason = new PoolClosedError(this.#staff.snapshot());
    for (const connection of [...roster.connections]) {
      // Whoever is told that one lease was taken away may give back another.
      if (connection.state !== 'leased') continue;
      this.#culprits.push(culprit(connection, now));
      this.#staff.returner.revoke(connection, 'pool-closed', reason);
    }
    for (const connection of [...roster.connections]) connection.cutCall?.(reason);
  }
}

function culprit<Connection>({ details, leasedAtMs }: PooledConnection<Connection>, now: number): Culprit {
  const stack = details?.acquireStack;
  return { label: details?.label, heldMs: Math.max(0, now - leasedAtMs), ...(stack !== undefined && { stack }) };
}
