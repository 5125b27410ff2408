/**
 * Owns what is expected of the connections in use: what a lease lasts, and how often one will end within a time.
 * It must never know how many wait, or whether a dial would be worth it.
 */
import type { LeaseTimes } from './lease-times.ts';
import type { Stores } from './stores.ts';

type Sources<Connection> = Pick<Stores<Connection, unknown>, 'roster'> & {
  readonly metrics: { readonly leaseTimes: Pick<LeaseTimes, 'ended' | 'heldMs' | 'recentMs'> };
  readonly queue: { readonly busySinceMs: number };
};

/** What had been counted since the start of the pool, at one time in ms. */
interface Mark {
  atMs: number;
  ended: number;
  heldMs: number;
}

/** Expectations are worth this part of the time that they are asked for, within these bounds in ms. */
const WORTH = { part: 1 / 16, least: 1, most: 100 } as const;

/** For how long an expectation about the next `withinMs` is worth something when nothing happens; all in ms. */
export function worthMs(withinMs: number): number {
  return Math.min(WORTH.most, Math.max(WORTH.least, withinMs * WORTH.part));
}

/**
 * What a lease lasts is expected from three things. The mean of the past weighs as much as one lease of each connection that serves.
 * What the present queue has seen weighs more and more: leases that ended, over the time that all were held; time in which nothing
 * came back counts too, so work that has become long is known before the first of it ends. With no past, the time seen is
 * shared by the leases that ended and one that is about to. And a lease that has outlived the expectation speaks for itself
 * alone, by its age: one that was never meant to end says nothing about the others.
 *
 * It is looked at when somebody begins to wait and whenever it has expired, and not with each lease that ends: after a moment in which
 * the event loop was busy, the first of many that end at once would speak for all. So an expectation costs a few divisions.
 */
export class Forecast<Connection> {
  readonly #sources: Sources<Connection>;
  #busySinceMs = Number.NaN;
  /** What has been seen is counted from here. */
  #from: Mark = { atMs: -0, ended: 0, heldMs: -0 };
  /** And soon from here: a dial's time later, and not before something came back. */
  #next: Mark = { atMs: -0, ended: 0, heldMs: -0 };
  #isStale = true;
  #holdMs = -0;
  /** Leases that have outlived the expectation, and how many of them end in a ms. */
  #outlived = 0;
  #outlivedPerMs = -0;

  constructor(sources: Sources<Connection>) {
    this.#sources = sources;
  }

  /** What is expected is looked at anew before it is said again. */
  expire(): void {
    this.#isStale = true;
  }

  /**
   * How often one of the connections in use, checked or reset now will be free within `withinMs`; `Infinity` while nothing
   * is known. Only while somebody waits.
   */
  returns(withinMs: number, now: number): number {
    const { counts, arriving } = this.#sources.roster;
    if (withinMs === 0 || counts.leased + arriving === 0) return 0;
    if (this.#isStale || this.#sources.queue.busySinceMs !== this.#busySinceMs) this.#look(withinMs, now);
    const young = Math.max(0, counts.leased - this.#outlived) + arriving;
    return withinMs * (this.#outlivedPerMs + (young === 0 ? 0 : young / this.#holdMs));
  }

  #look(withinMs: number, now: number): void {
    const { roster, metrics } = this.#sources;
    const { leaseTimes } = metrics;
    this.#isStale = false;
    this.#see(now, withinMs);
    const pastMs = leaseTimes.recentMs;
    const weight = pastMs === 0 ? 1 : roster.counts.leased + roster.arriving;
    const ended = leaseTimes.ended - this.#from.ended;
    const heldMs = roster.leasedTimeMs(now, leaseTimes.heldMs) - this.#from.heldMs;
    this.#holdMs = (weight * pastMs + heldMs) / (weight + ended);
    this.#lookAtAges(now);
  }

  #see(now: number, withinMs: number): void {
    const { queue, metrics } = this.#sources;
    if (queue.busySinceMs !== this.#busySinceMs) {
      this.#busySinceMs = queue.busySinceMs;
      this.#mark(this.#from, now);
      this.#mark(this.#next, now);
    } else if (now - this.#next.atMs >= withinMs && metrics.leaseTimes.ended > this.#next.ended) {
      const past = this.#from;
      this.#from = this.#next;
      this.#next = past;
      this.#mark(past, now);
    }
  }

  #mark(mark: Mark, now: number): void {
    const { roster, metrics } = this.#sources;
    mark.atMs = now;
    mark.ended = metrics.leaseTimes.ended;
    mark.heldMs = roster.leasedTimeMs(now, metrics.leaseTimes.heldMs);
  }

  #lookAtAges(now: number): void {
    this.#outlived = 0;
    this.#outlivedPerMs = 0;
    for (const connection of this.#sources.roster.connections) {
      const ageMs = now - connection.leasedAtMs;
      if (connection.state !== 'leased' || ageMs <= this.#holdMs) continue;
      this.#outlived++;
      this.#outlivedPerMs += 1 / ageMs;
    }
  }
}
