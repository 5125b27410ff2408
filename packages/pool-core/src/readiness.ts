/**
 * Owns the callers who wait until the pool is warm.
 * It must never dial: the pool does that anyway.
 */
import type { AbortSignal, Timer } from '@cryo/resilience';
import type { RefusalReason } from './events.ts';
import type { RefusalDetails } from './refusal.ts';
import type { Stores } from './stores.ts';

/** What a caller may say about its wait for a warm pool. */
export interface ReadyOptions {
  /** Longest wait, in ms; `Infinity` for none. Default: `acquire.timeoutMs` of the pool. */
  readonly timeoutMs?: number;
  /** Ends the wait, which then rejects with an `AcquireAbortedError`; the pool goes on dialing. */
  readonly signal?: AbortSignal;
}

interface Waiter {
  readonly sinceMs: number;
  readonly settle: (answer: Promise<void> | undefined) => void;
  timer: Timer | undefined;
  unsubscribe: (() => void) | undefined;
}

export class Readiness<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  /** The error for a waiter that is refused. */
  readonly #refuse: (reason: RefusalReason, details: RefusalDetails) => unknown;
  /** Why waiting is pointless now; `undefined` when it is not. */
  readonly #hopeless: () => RefusalReason | undefined;
  readonly #waiters = new Set<Waiter>();

  constructor(
    stores: Stores<Connection, Grant>,
    refuse: (reason: RefusalReason, details: RefusalDetails) => unknown,
    hopeless: () => RefusalReason | undefined,
  ) {
    this.#stores = stores;
    this.#refuse = refuse;
    this.#hopeless = hopeless;
  }

  wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve) => {
      const waiter: Waiter = {
        sinceMs: this.#stores.clock.now(),
        settle: (answer) => resolve(answer),
        timer: undefined,
        unsubscribe: undefined,
      };
      this.#waiters.add(waiter);
      this.#stores.readyWaiters = this.#waiters.size;
      if (signal?.aborted) return this.#end(waiter, 'aborted', signal.reason);
      if (timeoutMs !== Number.POSITIVE_INFINITY) {
        waiter.timer = this.#stores.timers.set(timeoutMs, () => this.#end(waiter, 'timeout'), { background: false });
      }
      if (signal !== undefined) {
        const aborted = () => this.#end(waiter, 'aborted', signal.reason);
        signal.addEventListener('abort', aborted, { once: true });
        waiter.unsubscribe = () => signal.removeEventListener('abort', aborted);
      }
      this.look();
    });
  }

  /** Tells everybody, when there is something to tell. */
  look(): void {
    if (this.#waiters.size === 0) return;
    const hopeless = this.#hopeless();
    const warm = this.#stores.roster.usable >= this.#stores.bounds.min;
    if (hopeless === undefined && !warm) return;
    for (const waiter of [...this.#waiters]) this.#end(waiter, hopeless);
  }

  #end(waiter: Waiter, reason: RefusalReason | undefined, abortReason?: unknown): void {
    if (!this.#waiters.delete(waiter)) return;
    this.#stores.readyWaiters = this.#waiters.size;
    waiter.timer?.cancel();
    waiter.unsubscribe?.();
    if (reason === undefined) return waiter.settle(undefined);
    const waitedMs = this.#stores.clock.now() - waiter.sinceMs;
    waiter.settle(Promise.reject(this.#refuse(reason, { waitedMs, abortReason })));
  }
}
