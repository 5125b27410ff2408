/**
 * Owns the one decision of the pool: what happens next, read from the live stores; and the pump that carries it out.
 * It must never know how a connection is dialed, checked or handed over.
 */
import type { Stores } from './stores.ts';

/** What happens next. */
export type Move = 'grant' | 'check' | 'open' | 'refuse' | 'wait';

/** What the decision asks about dialing. */
export interface DialDesk {
  /** The server is down and nothing that could serve is left: waiting is pointless. */
  readonly hopeless: boolean;
  /** As many connections as there may be, and nothing is wrong with the server: no move of the pump could be a dial. */
  readonly saturated: boolean;
  /** A dial should start now: somebody needs it, and nothing forbids it. */
  wants(now: number): boolean;
}

/** Who carries a decision out. */
export interface Movers {
  /** Lends the top idle connection to the head of the queue. */
  grant(now: number): void;
  /** Checks the top idle connection, for whoever is head when it passes. */
  check(now: number): void;
  open(now: number): void;
  /** Refuses the head of the queue. */
  refuse(now: number): void;
  /** Nothing is left to do: timers can be set for what comes by time alone. */
  rest(now: number): void;
}

/** Decides, and changes nothing. */
export function nextMove<Connection, Grant>(stores: Stores<Connection, Grant>, desk: DialDesk, now: number): Move {
  if (stores.lifecycle !== 'open') return 'wait';
  if (stores.queue.size > 0) {
    const top = stores.idle.top;
    if (top === undefined) {
      if (desk.hopeless) return 'refuse';
    } else if (top.generation !== stores.generation) {
      return replaceOutdated(stores, desk, now);
    } else if (now < top.freshUntilMs) {
      return 'grant';
    } else if (stores.roster.someSlow && desk.wants(now)) {
      // What hangs for one may hang for all: a dial beside the checks.
      return 'open';
    } else if (stores.roster.arriving < stores.queue.size) return 'check';
  }
  return desk.wants(now) ? 'open' : 'wait';
}

/** What lies on top will never be lent: a dial where there is room, else one end per waiter, which makes room. */
function replaceOutdated<Connection, Grant>(stores: Stores<Connection, Grant>, desk: DialDesk, now: number): Move {
  if (desk.wants(now)) return 'open';
  const { roster, bounds, queue } = stores;
  return roster.live >= bounds.max && roster.counts.closing < queue.size ? 'check' : 'wait';
}

/** The one pump: everything else changes a store and calls it. A call from within is carried out by the one under way. */
export class Dispatcher<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #desk: DialDesk;
  readonly #movers: Movers;
  #state: 'resting' | 'pumping' | 'called-again' = 'resting';

  constructor(stores: Stores<Connection, Grant>, desk: DialDesk, movers: Movers) {
    this.#stores = stores;
    this.#desk = desk;
    this.#movers = movers;
  }

  pump(): void {
    if (this.#state !== 'resting') {
      this.#state = 'called-again';
      return;
    }
    try {
      do {
        this.#state = 'pumping';
        this.#drain();
      } while (this.#called());
    } finally {
      this.#state = 'resting';
    }
  }

  /**
   * Whether a connection that is given back now goes straight to a waiter. What the pump would do in a full pool is known:
   * grant to the head, and rest with the timers that are set already, as long as somebody still waits.
   */
  handsOver(): boolean {
    const { queue, idle, lifecycle, settings } = this.#stores;
    return (
      queue.size > 1 &&
      this.#state === 'resting' &&
      idle.size === 0 &&
      lifecycle === 'open' &&
      settings.validation.bypassMs > 0 &&
      this.#desk.saturated
    );
  }

  /** A request joined the queue. In a full pool, where all connections are out and others wait already, nothing follows. */
  queued(): void {
    const { queue, idle, lifecycle, roster } = this.#stores;
    const nothingFollows =
      queue.size > 1 &&
      queue.lookedAtMs <= queue.lookDueMs &&
      this.#state === 'resting' &&
      idle.size === 0 &&
      roster.counts.leased > 0 &&
      lifecycle === 'open' &&
      this.#desk.saturated;
    if (!nothingFollows) this.pump();
  }

  #called(): boolean {
    return this.#state === 'called-again';
  }

  #drain(): void {
    const now = this.#stores.clock.now();
    for (;;) {
      const move = nextMove(this.#stores, this.#desk, now);
      if (move === 'wait') break;
      this.#movers[move](now);
    }
    this.#movers.rest(now);
  }
}
