/**
 * Owns the answer to overload: when requests are served newest first, who is refused before its deadline, and who is told.
 * It must never choose who is served next, nor know how a refusal is made.
 */
import type { Waiter } from './request.ts';
import { type SheddingChange, SheddingQueue } from './shedding-queue.ts';
import type { Stores } from './stores.ts';

/** Who makes refusals. */
interface RefusalDesk<Grant> {
  /** Refuses who was just taken out of the queue; asking again may help in `retryAfterMs`. */
  shed(waiter: Waiter<Grant>, decidedAtMs: number, retryAfterMs: number): void;
}

/**
 * Adaptive LIFO with controlled delay, for a pool that opted in by `shedding`.
 *
 * When requests come faster than connections do, a first-in, first-out queue gives every connection to somebody who has
 * waited for nearly too long: all are served late, or none in time. Serving the newest first and refusing the oldest early
 * gives as many as there is room for an answer in time, and the others theirs at once.
 *
 * Sources: K. Nichols and V. Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012: the standing wait of a whole
 * interval, not its length or its mean, tells overload from a burst. B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015:
 * newest first and a short limit for requests, only while the queue stands.
 */
export class Shedding<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #queue: SheddingQueue<Grant>;
  readonly #desk: RefusalDesk<Grant>;
  readonly #changed: () => void;

  /** @param changed called when a class began to shed, before anybody is refused */
  constructor(
    stores: Stores<Connection, Grant>,
    queue: SheddingQueue<Grant>,
    desk: RefusalDesk<Grant>,
    changed: () => void,
  ) {
    this.#stores = stores;
    this.#queue = queue;
    this.#desk = desk;
    this.#changed = changed;
  }

  /** Time has passed: judges every class, and refuses who is overdue. */
  look(now: number): void {
    const began = this.#queue.begin(now);
    this.#stores.metrics.sheddingPeriods.add(began.length);
    for (const change of began) this.#tellBegin(change, now);
    // Where there is room, a dial is due now: those who prove the need for it are about to leave.
    if (began.length > 0) this.#changed();
    for (let late = this.#queue.takeOverdue(now); late !== undefined; late = this.#queue.takeOverdue(now)) {
      this.#desk.shed(late, now, this.#retryAfterMs());
    }
    this.rest(now);
  }

  /** The pump has done what there was to do: a class whose wait is short again is served in order of arrival again. */
  rest(now: number): void {
    if (this.#queue.sheddingSinceMs === undefined) return;
    const { events } = this.#stores;
    for (const { priority, sinceMs } of this.#queue.end(now)) {
      events.emit('shedding-ended', { priority, lastedMs: now - sinceMs });
    }
  }

  /** Nobody could be served: waits count from `fromMs` on, in ms; `Infinity` for not until the next call. */
  countFrom(fromMs: number, now: number): void {
    this.#queue.countFrom(fromMs);
    this.rest(now);
  }

  #tellBegin({ priority, waiting }: SheddingChange, now: number): void {
    const { events, queue } = this.#stores;
    events.emit('shedding-began', { priority, waiting, oldestWaitMs: Math.max(0, now - queue.oldestSinceMs) });
  }

  /** How long it takes to serve who waits now, at the pace of late; the target at least. */
  #retryAfterMs(): number {
    const { metrics, roster, settings, queue } = this.#stores;
    const targetMs = settings.shedding === false ? 0 : settings.shedding.targetMs;
    return Math.max(targetMs, (queue.size * metrics.leaseTimes.recentMs) / Math.max(1, roster.counts.leased));
  }
}

/** Nothing where the pool did not opt in. */
export function createShedding<Connection, Grant>(
  stores: Stores<Connection, Grant>,
  desk: RefusalDesk<Grant>,
  changed: () => void,
): Shedding<Connection, Grant> | undefined {
  return stores.queue instanceof SheddingQueue ? new Shedding(stores, stores.queue, desk, changed) : undefined;
}
