/**
 * Owns the way of a request: from the call, through the queue where it must, to its lease or its refusal.
 * It must never open, check or close a connection.
 */
import type { AbortSignal } from '@cryo/resilience';
import type { PooledConnection } from './connection.ts';
import { keepProcess } from './driver.ts';
import type { RefusalReason } from './events.ts';
import { deferGrant } from './grant-promise.ts';
import type { LeakWatch } from './leak.ts';
import { LabelledLease, Lease } from './lease.ts';
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

export class Acquisition<Connection> {
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
    const { queue, metrics, events } = this.#stores;
    const waiter = queue.take();
    const sinceMs = queue.takenSinceMs;
    const waitedMs = now > sinceMs ? now - sinceMs : 0;
    metrics.waitTime.record(waitedMs);
    let label: string | undefined;
    if (typeof waiter === 'function') {
      waiter(this.#lend(connection, undefined, undefined));
    } else {
      waiter.unsubscribe?.();
      label = waiter.label;
      waiter.settle(this.#lend(connection, label, waiter.acquireStack));
    }
    if (events.has('lease-granted')) events.emit('lease-granted', { connection: connection.id, waitedMs, label });
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

  /** The decision of the pump for a request that comes now, without the pump. */
  #canLend(now: number): boolean {
    const { lifecycle, queue, idle } = this.#stores;
    return idle.top !== undefined && now < idle.top.freshUntilMs && queue.size === 0 && lifecycle === 'open';
  }

  /** Lends what lies on top to whoever asks now. */
  #lendTop(now: number, label: string | undefined, stack: string | undefined): Lease<Connection> {
    const { idle, roster, metrics, events } = this.#stores;
    const connection = idle.pop();
    roster.lend(connection, now);
    metrics.lentAtOnce++;
    const lease = this.#lend(connection, label, stack);
    if (events.has('lease-granted')) events.emit('lease-granted', { connection: connection.id, waitedMs: 0, label });
    return lease;
  }

  #lend(
    connection: PooledConnection<Connection>,
    label: string | undefined,
    stack: string | undefined,
  ): Lease<Connection> {
    const { driver } = this.#stores;
    connection.uses++;
    connection.desk ??= this.#staff.returner;
    if (driver.ref !== undefined) keepProcess(driver, connection.resource);
    if (label !== undefined || stack !== undefined) remember(connection, label, stack);
    const lease = label === undefined ? new Lease(connection) : new LabelledLease(connection, label);
    if (this.#dropped !== undefined) this.#dropped.register(lease, { connection, stamp: connection.stamp });
    return lease;
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

function remember<Connection>(
  connection: PooledConnection<Connection>,
  label: string | undefined,
  stack: string | undefined,
): void {
  const details = connection.detail();
  details.label = label;
  details.acquireStack = stack;
}

/** The most that a waiter is given after a freeze, in ms. */
export const GRACE_MS = 1_000;
