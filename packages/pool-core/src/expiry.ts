/**
 * Owns the one timer for all deadlines of the queue.
 * It must never know what a request waits for, nor why one may be refused before its deadline.
 */
import type { Waiter } from './request.ts';
import type { Stores } from './stores.ts';
import { Wake } from './wake.ts';

/** Who acts when time is up. */
export interface ExpiryDesk<Grant> {
  /** Looks whether the process stood still, before anybody is judged. */
  lookForThaw(): void;
  /** Who was taken out of the queue because its time is up. */
  timedOut(waiter: Waiter<Grant>, now: number): void;
  /** Whoever has waited for too long under overload, though not to its deadline. */
  shed(now: number): void;
  changed(): void;
}

export class Expiry<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #desk: ExpiryDesk<Grant>;
  readonly #wake: Wake;

  constructor(stores: Stores<Connection, Grant>, desk: ExpiryDesk<Grant>) {
    this.#stores = stores;
    this.#desk = desk;
    this.#wake = new Wake(stores.timers, () => this.#fired());
  }

  /** Keeps the timer where the next deadline is, or the next early refusal. */
  rest(now: number): void {
    const { queue } = this.#stores;
    this.#wake.by(queue.size === 0 ? Number.POSITIVE_INFINITY : queue.nextLookMs(), now, { background: false });
    queue.lookedAtMs = this.#wake.atMs;
  }

  cancel(): void {
    this.#wake.cancel();
    this.#stores.queue.lookedAtMs = Number.POSITIVE_INFINITY;
  }

  #fired(): void {
    this.#desk.lookForThaw();
    const now = this.#stores.clock.now();
    const { queue } = this.#stores;
    queue.lookedAtMs = Number.POSITIVE_INFINITY;
    for (let waiter = queue.takeExpired(now); waiter !== undefined; waiter = queue.takeExpired(now)) {
      this.#desk.timedOut(waiter, now);
    }
    this.#desk.shed(now);
    this.#desk.changed();
  }
}
