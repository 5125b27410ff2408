/**
 * Owns the way of a request: from the call, through the queue where it must, to its lease or its refusal.
 * It must never open, check or close a connection.
 */
import type { AbortSignal } from '@cryo/resilience';
import type { RefusalReason } from './events.ts';
import { deferGrant } from './grant-promise.ts';
import type { LeakWatch } from './leak.ts';
import type { Lease } from './lease.ts';
import type { Lending } from './lending.ts';
import type { RefusalDetails, Refusals } from './refusal.ts';
import { type AcquireOptions, QueuedRequest, type Settle, type Waiter } from './request.ts';
import { Signals } from './signals.ts';
import type { Stores } from './stores.ts';

interface Staff<Connection> {
  readonly leaks: LeakWatch<Connection, Lease<Connection>>;
  readonly lending: Lending<Connection>;
  readonly refusals: Refusals;
  /** A store changed. */
  readonly changed: () => void;
  /** A request joined the queue. */
  readonly queued: () => void;
}

const NOTHING_SAID: AcquireOptions = Object.freeze({});

export class Acquisition<Connection> {
  readonly #stores: Stores<Connection, Lease<Connection>>;
  readonly #staff: Staff<Connection>;
  readonly #signals = new Signals();

  constructor(stores: Stores<Connection, Lease<Connection>>, staff: Staff<Connection>) {
    this.#stores = stores;
    this.#staff = staff;
  }

  /** A lease at once where a fresh connection lies idle and nobody waits, else a place in the queue. Options are sound. */
  acquire(options: AcquireOptions = NOTHING_SAID): Promise<Lease<Connection>> {
    const { leaks } = this.#staff;
    const { label } = options;
    const stack = leaks.attentive ? leaks.captureStack(label) : undefined;
    const now = this.#stores.clock.now();
    if (options.signal?.aborted !== true && this.#staff.lending.canLend(now)) {
      return Promise.resolve(this.#staff.lending.lendTop(now, label, stack));
    }
    return this.#line(options, stack, now);
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

  /** A place in the queue, for a request that can't be served at once. */
  #line(options: AcquireOptions, stack: string | undefined, now: number): Promise<Lease<Connection>> {
    const { lifecycle, queue, events, settings } = this.#stores;
    const { label, signal } = options;
    if (signal?.aborted) return this.#refuseNow('aborted', label, signal.reason);
    if (lifecycle === 'closing' || lifecycle === 'closed') return this.#refuseNow('closed', label);
    if (queue.full) return this.#refuseNow('queue-full', label);
    const { timeoutMs = settings.acquire.timeoutMs, deadline = Number.POSITIVE_INFINITY } = options;
    if (deadline <= now) return this.#refuseNow('timeout', label);
    const deadlineMs = Math.min(now + timeoutMs, deadline);
    const { promise, settle } = deferGrant<Lease<Connection>>();
    if (options === NOTHING_SAID && stack === undefined) queue.join(settle, now);
    else queue.push(this.#request(options, stack, settle, { now, deadlineMs }));
    if (events.has('request-queued')) {
      const { lookDueMs } = queue;
      events.emit('request-queued', { waiting: queue.size, label });
      // Whoever heard it may have joined as well.
      queue.lookDueMs = lookDueMs;
    }
    this.#staff.queued();
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
