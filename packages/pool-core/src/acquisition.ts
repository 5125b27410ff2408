/**
 * Owns the way of a request: from the call, through the queue where it must, to its lease or its refusal.
 * It must never open, check or close a connection.
 */
import type { AbortSignal } from '@cryo/resilience';
import type { PooledConnection } from './connection.ts';
import { keepProcess } from './driver.ts';
import type { RefusalReason } from './events.ts';
import type { LeakWatch } from './leak.ts';
import { Lease, type LeaseDesk } from './lease.ts';
import type { RefusalDetails, Refusals } from './refusal.ts';
import { type AcquireOptions, QueuedRequest } from './request.ts';
import type { Returner } from './returner.ts';
import { Signals } from './signals.ts';
import type { Stores } from './stores.ts';

interface Staff<Connection> {
  readonly leaks: LeakWatch<Connection, Lease<Connection>>;
  readonly returner: Returner<Connection, Lease<Connection>>;
  readonly refusals: Refusals;
  readonly changed: () => void;
}

export class Acquisition<Connection> implements LeaseDesk<Connection> {
  readonly #stores: Stores<Connection, Lease<Connection>>;
  readonly #staff: Staff<Connection>;
  readonly #signals = new Signals();
  readonly #dropped: FinalizationRegistry<{ connection: PooledConnection<Connection>; stamp: number }> | undefined;

  constructor(stores: Stores<Connection, Lease<Connection>>, staff: Staff<Connection>) {
    this.#stores = stores;
    this.#staff = staff;
    if (!stores.settings.leak.detectDropped) return;
    this.#dropped = new FinalizationRegistry(({ connection, stamp }) => {
      if (connection.stamp === stamp) staff.leaks.dropped(connection);
    });
  }

  get pool(): string {
    return this.#stores.settings.name;
  }

  /** A lease at once where a fresh connection lies idle and nobody waits, else a place in the queue. Options are sound. */
  acquire(options: AcquireOptions | undefined): Promise<Lease<Connection>> {
    const { lifecycle, queue, clock } = this.#stores;
    const label = options?.label;
    const timeoutMs = options?.timeoutMs ?? this.#stores.settings.acquire.timeoutMs;
    const signal = options?.signal;
    if (signal?.aborted) return this.#refuseNow('aborted', label, signal.reason);
    if (lifecycle === 'closing' || lifecycle === 'closed') return this.#refuseNow('closed', label);
    const stack = this.#staff.leaks.captureStack(label);
    const now = clock.now();
    const idle = this.#freshIdle(now);
    if (idle !== undefined) return Promise.resolve(this.#lend(idle, now, now, label, stack));
    if (queue.full) return this.#refuseNow('queue-full', label);
    return new Promise((resolve) => {
      const request = new QueuedRequest<Lease<Connection>>(now, now + timeoutMs, label, resolve);
      request.acquireStack = stack;
      if (signal !== undefined) this.#followSignal(request, signal);
      queue.push(request);
      const { events } = this.#stores;
      if (events.has('request-queued')) events.emit('request-queued', { waiting: queue.size, label });
      this.#staff.changed();
    });
  }

  /** A lease at once, or nothing. */
  tryAcquire(label: string | undefined): Lease<Connection> | undefined {
    const now = this.#stores.clock.now();
    const idle = this.#freshIdle(now);
    return idle && this.#lend(idle, now, now, label, this.#staff.leaks.captureStack(label));
  }

  /** Lends the top idle connection to the head of the queue. */
  grantHead(now: number): void {
    const { queue, idle, metrics } = this.#stores;
    const request = queue.head;
    const connection = idle.top;
    if (request === undefined || connection === undefined) return;
    this.#leave(request);
    const lease = this.#lend(connection, request.enqueuedAtMs, now, request.label, request.acquireStack);
    metrics.waitTime.record(Math.max(0, now - request.enqueuedAtMs));
    request.settle(lease);
  }

  refuseHead(reason: RefusalReason, now: number): void {
    if (this.#stores.queue.head !== undefined) this.refuse(this.#stores.queue.head, reason, now);
  }

  /** Refuses a request by a decision made at `decidedAtMs`. */
  refuse(request: QueuedRequest<Lease<Connection>>, reason: RefusalReason, decidedAtMs: number): void {
    this.#refuse(request, reason, { waitedMs: decidedAtMs - request.enqueuedAtMs, decidedAtMs });
  }

  #refuse(request: QueuedRequest<Lease<Connection>>, reason: RefusalReason, details: RefusalDetails): void {
    const { waitedMs } = details;
    this.#leave(request);
    request.settle(Promise.reject(this.#staff.refusals.create(reason, details)));
    this.#tellRefusal(reason, waitedMs, request.label);
  }

  /** After a freeze nobody could be served: every waiter gets up to one more second, once. */
  grantGrace(now: number): void {
    this.#stores.queue.postpone((request) => {
      if (request.grace === 'used') return request.deadlineMs;
      request.grace = 'used';
      const timeoutMs = request.deadlineMs - request.enqueuedAtMs;
      return Math.max(request.deadlineMs, now + Math.min(timeoutMs, GRACE_MS));
    });
  }

  release(connection: PooledConnection<Connection>, error: unknown): void {
    this.#staff.returner.release(connection, error);
  }

  releasedAgain(connection: PooledConnection<Connection>, lease: { stamp: number; label: string | undefined }): void {
    // A holder whose lease was taken away meanwhile did nothing wrong.
    if (connection.revokedStamp === lease.stamp) {
      connection.revokedStamp = undefined;
      return;
    }
    const { label } = lease;
    this.#stores.metrics.doubleReleases.add();
    this.#stores.events.emit('double-release', { connection: connection.id, label });
  }

  #freshIdle(now: number): PooledConnection<Connection> | undefined {
    const { lifecycle, queue, idle } = this.#stores;
    const top = idle.top;
    return lifecycle === 'open' && queue.head === undefined && top !== undefined && now < top.freshUntilMs
      ? top
      : undefined;
  }

  #lend(
    connection: PooledConnection<Connection>,
    requestedAtMs: number,
    now: number,
    label: string | undefined,
    stack: string | undefined,
  ): Lease<Connection> {
    const { idle, roster, driver, metrics, events } = this.#stores;
    idle.remove(connection);
    roster.move(connection, 'leased', now);
    connection.uses++;
    connection.label = label;
    connection.acquireStack = stack;
    connection.leakReported = false;
    keepProcess(driver, connection.resource);
    const waitedMs = Math.max(0, now - requestedAtMs);
    metrics.leasesGranted.add();
    metrics.acquireTime.record(waitedMs);
    const lease = new Lease(connection, this);
    this.#dropped?.register(lease, { connection, stamp: connection.stamp });
    if (events.has('lease-granted')) events.emit('lease-granted', { connection: connection.id, waitedMs, label });
    return lease;
  }

  #followSignal(request: QueuedRequest<Lease<Connection>>, signal: AbortSignal): void {
    const aborted = () => {
      const waitedMs = this.#stores.clock.now() - request.enqueuedAtMs;
      this.#refuse(request, 'aborted', { waitedMs, abortReason: signal.reason });
      this.#staff.changed();
    };
    request.unsubscribe = this.#signals.follow(signal, aborted);
  }

  #leave(request: QueuedRequest<Lease<Connection>>): void {
    this.#stores.queue.remove(request);
    request.unsubscribe?.();
    request.unsubscribe = undefined;
  }

  #refuseNow(reason: RefusalReason, label: string | undefined, abortReason?: unknown): Promise<never> {
    const refusal = Promise.reject(this.#staff.refusals.create(reason, { waitedMs: 0, abortReason }));
    this.#tellRefusal(reason, 0, label);
    return refusal;
  }

  #tellRefusal(reason: RefusalReason, waitedMs: number, label: string | undefined): void {
    const { metrics, events } = this.#stores;
    metrics.requestRefused(reason);
    if (events.has('request-refused')) events.emit('request-refused', { reason, waitedMs, label });
  }
}

/** The most that a waiter is given after a freeze, in ms. */
const GRACE_MS = 1_000;
