/**
 * Owns the way of a request: from the call, through the queue where it must, to its lease or its refusal.
 * It must never open, check or close a connection.
 */
import type { AbortSignal } from '@cryo/resilience';
import type { LeaseDesk, PooledConnection } from './connection.ts';
import { keepProcess } from './driver.ts';
import type { RefusalReason } from './events.ts';
import { deferGrant } from './grant-promise.ts';
import type { LeakWatch } from './leak.ts';
import { Lease } from './lease.ts';
import type { RefusalDetails, Refusals } from './refusal.ts';
import { type AcquireOptions, QueuedRequest, type Settle, type Waiter } from './request.ts';
import type { Returner } from './returner.ts';
import { Signals } from './signals.ts';
import type { Stores } from './stores.ts';

interface Staff<Connection> {
  readonly leaks: LeakWatch<Connection, Lease<Connection>>;
  readonly returner: Returner<Connection, Lease<Connection>>;
  readonly refusals: Refusals;
  /** A store changed. */
  readonly changed: () => void;
  /** A request joined the queue. */
  readonly queued: (deadlineMs: number) => void;
}

const NOTHING_SAID: AcquireOptions = Object.freeze({});

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
  acquire(options: AcquireOptions = NOTHING_SAID): Promise<Lease<Connection>> {
    const { leaks } = this.#staff;
    const { label } = options;
    const stack = leaks.attentive ? leaks.captureStack(label) : undefined;
    const now = this.#stores.clock.now();
    if (options.signal?.aborted !== true && this.#canLend(now)) {
      return Promise.resolve(this.#lendTop(now, label, stack));
    }
    return this.#line(options, stack, now);
  }

  /** A lease at once, or nothing. Options are sound. */
  lendNow({ label, signal }: AcquireOptions = NOTHING_SAID): Lease<Connection> | undefined {
    const { queue, idle, clock } = this.#stores;
    if (idle.top === undefined || queue.size > 0 || signal?.aborted) return undefined;
    const now = clock.now();
    if (!this.#canLend(now)) return undefined;
    const { leaks } = this.#staff;
    return this.#lendTop(now, label, leaks.attentive ? leaks.captureStack(label) : undefined);
  }

  /** Lends the top idle connection to whoever has the turn. */
  grantNext(now: number): void {
    const { queue, idle, roster } = this.#stores;
    if (queue.size === 0 || idle.top === undefined) return;
    const connection = idle.pop();
    roster.lend(connection, now);
    this.#serve(connection, now);
  }

  /** Lends what was leased until now to whoever has the turn. */
  handOver(connection: PooledConnection<Connection>, now: number): void {
    const { roster, settings } = this.#stores;
    connection.prove(now, settings.validation.bypassMs);
    roster.handOver(connection, now);
    this.#serve(connection, now);
  }

  #serve(connection: PooledConnection<Connection>, now: number): void {
    const { queue, metrics } = this.#stores;
    const waiter = queue.take();
    const sinceMs = queue.takenSinceMs;
    const waitedMs = now > sinceMs ? now - sinceMs : 0;
    metrics.waitTime.record(waitedMs);
    let label: string | undefined;
    if (typeof waiter === 'function') {
      waiter(this.#lend(connection, waitedMs, undefined, undefined));
    } else {
      waiter.unsubscribe?.();
      label = waiter.label;
      waiter.settle(this.#lend(connection, waitedMs, label, waiter.acquireStack));
    }
    this.#tellGrant(connection, waitedMs, label);
  }

  refuseNext(reason: RefusalReason, now: number): void {
    if (this.#stores.queue.size > 0) this.refuse(this.#stores.queue.take(), reason, now);
  }

  /** Refuses who was just taken out of the queue, by a decision made at `decidedAtMs`. */
  refuse(waiter: Waiter<Lease<Connection>>, reason: RefusalReason, decidedAtMs: number): void {
    this.#refuse(waiter, reason, { waitedMs: decidedAtMs - this.#stores.queue.takenSinceMs, decidedAtMs });
  }

  /** Refuses who was just taken out of the queue before its deadline; asking again may help in `retryAfterMs`. */
  shed(waiter: Waiter<Lease<Connection>>, decidedAtMs: number, retryAfterMs: number): void {
    const waitedMs = decidedAtMs - this.#stores.queue.takenSinceMs;
    this.#refuse(waiter, 'shed', { waitedMs, decidedAtMs, retryAfterMs });
  }

  #refuse(waiter: Waiter<Lease<Connection>>, reason: RefusalReason, details: RefusalDetails): void {
    const refusal = Promise.reject(this.#staff.refusals.create(reason, details));
    if (typeof waiter === 'function') {
      waiter(refusal);
      return this.#tellRefusal(reason, details.waitedMs, undefined);
    }
    waiter.unsubscribe?.();
    waiter.settle(refusal);
    this.#tellRefusal(reason, details.waitedMs, waiter.label);
  }

  /** After a freeze nobody could be served: every waiter gets up to one more second, once. */
  grantGrace(now: number): void {
    this.#stores.queue.postpone((sinceMs, deadlineMs) =>
      Math.max(deadlineMs, now + Math.min(deadlineMs - sinceMs, GRACE_MS)),
    );
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

  /** The decision of the pump for a request that comes now, without the pump. */
  #canLend(now: number): boolean {
    const { lifecycle, queue, idle } = this.#stores;
    return idle.top !== undefined && now < idle.top.freshUntilMs && queue.size === 0 && lifecycle === 'open';
  }

  /** Lends what lies on top to whoever asks now. */
  #lendTop(now: number, label: string | undefined, stack: string | undefined): Lease<Connection> {
    const connection = this.#stores.idle.pop();
    this.#stores.roster.lend(connection, now);
    const lease = this.#lend(connection, 0, label, stack);
    this.#tellGrant(connection, 0, label);
    return lease;
  }

  #lend(
    connection: PooledConnection<Connection>,
    waitedMs: number,
    label: string | undefined,
    stack: string | undefined,
  ): Lease<Connection> {
    const { driver, metrics } = this.#stores;
    connection.uses++;
    connection.desk = this;
    connection.label = label;
    connection.acquireStack = stack;
    connection.leakReported = false;
    if (driver.ref !== undefined) keepProcess(driver, connection.resource);
    metrics.leasesGranted.add();
    metrics.acquireTime.record(waitedMs);
    const lease = new Lease(connection);
    this.#dropped?.register(lease, { connection, stamp: connection.stamp });
    return lease;
  }

  #tellGrant(connection: PooledConnection<Connection>, waitedMs: number, label: string | undefined): void {
    const { events } = this.#stores;
    if (!events.has('lease-granted')) return;
    events.emit('lease-granted', { connection: connection.id, waitedMs, label });
  }

  /** A place in the queue, for a request that can't be served at once. */
  #line(options: AcquireOptions, stack: string | undefined, now: number): Promise<Lease<Connection>> {
    const { lifecycle, queue, events, settings } = this.#stores;
    const { label, signal } = options;
    if (signal?.aborted) return this.#refuseNow('aborted', label, signal.reason);
    if (lifecycle === 'closing' || lifecycle === 'closed') return this.#refuseNow('closed', label);
    if (queue.full) return this.#refuseNow('queue-full', label);
    const { promise, settle } = deferGrant<Lease<Connection>>();
    const { timeoutMs = settings.acquire.timeoutMs } = options;
    const deadlineMs = now + timeoutMs;
    if (options === NOTHING_SAID && stack === undefined) queue.join(settle, now);
    else queue.push(this.#request(options, stack, settle, { now, deadlineMs }));
    if (events.has('request-queued')) events.emit('request-queued', { waiting: queue.size, label });
    this.#staff.queued(deadlineMs);
    return promise;
  }

  #request(
    options: AcquireOptions,
    stack: string | undefined,
    settle: Settle<Lease<Connection>>,
    { now, deadlineMs }: { readonly now: number; readonly deadlineMs: number },
  ): QueuedRequest<Lease<Connection>> {
    const { signal } = options;
    const request = new QueuedRequest<Lease<Connection>>(now, deadlineMs, options, settle);
    request.acquireStack = stack;
    if (signal !== undefined) this.#followSignal(request, signal);
    return request;
  }

  #followSignal(request: QueuedRequest<Lease<Connection>>, signal: AbortSignal): void {
    const aborted = () => {
      const waitedMs = this.#stores.clock.now() - request.enqueuedAtMs;
      this.#stores.queue.remove(request);
      this.#refuse(request, 'aborted', { waitedMs, abortReason: signal.reason });
      this.#staff.changed();
    };
    request.unsubscribe = this.#signals.follow(signal, aborted);
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
export const GRACE_MS = 1_000;
