/**
 * Owns the one timer for all deadlines of the queue.
 * It must never know what a request waits for, nor refuse one before its deadline.
 */
import type { Timer } from '@cryo/resilience';
import type { QueuedRequest } from './request.ts';
import type { Stores } from './stores.ts';

/** Who acts when time is up. */
export interface ExpiryDesk<Grant> {
  /** Looks whether the process stood still, before anybody is judged. */
  lookForThaw(): void;
  timedOut(request: QueuedRequest<Grant>, now: number): void;
  changed(): void;
}

export class Expiry<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #desk: ExpiryDesk<Grant>;
  #armed: { readonly atMs: number; readonly timer: Timer } | undefined;

  constructor(stores: Stores<Connection, Grant>, desk: ExpiryDesk<Grant>) {
    this.#stores = stores;
    this.#desk = desk;
  }

  /** Keeps the timer where the next deadline is. One that is set too early only looks again. */
  rest(now: number): void {
    const { queue, timers } = this.#stores;
    const nextMs = queue.size === 0 ? Number.POSITIVE_INFINITY : queue.nextDeadlineMs();
    if (this.#armed !== undefined) {
      if (nextMs !== Number.POSITIVE_INFINITY && this.#armed.atMs <= nextMs) return;
      this.cancel();
    }
    if (nextMs === Number.POSITIVE_INFINITY) return;
    const timer = timers.set(Math.max(0, nextMs - now), () => this.#fired(), { background: false });
    this.#armed = { atMs: nextMs, timer };
  }

  cancel(): void {
    this.#armed?.timer.cancel();
    this.#armed = undefined;
  }

  #fired(): void {
    this.#armed = undefined;
    this.#desk.lookForThaw();
    const now = this.#stores.clock.now();
    for (
      let request = this.#stores.queue.expired(now);
      request !== undefined;
      request = this.#stores.queue.expired(now)
    ) {
      this.#desk.timedOut(request, now);
    }
    this.#desk.changed();
  }
}
