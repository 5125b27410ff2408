/**
 * Owns the sharing of one supply of tickets among pools: who gets the next one, and from whom one is asked back.
 * It must never know what a pool is, nor take a ticket from one that is being used.
 */
import { OptionCheck } from '@cryo/resilience';
import { MAX_CONNECTIONS } from './call-options.ts';
import type { Capacity, CapacityTaker } from './capacity.ts';

/** Connections for several pools. Its rule is at {@link sharedCapacity}. */
export interface SharedCapacity {
  /** The most tickets that are out, in connections. */
  readonly total: number;
  /** Tickets that are out. At most `total`; after a lower `resize` it only falls until it is. */
  readonly taken: number;
  /** The part of one pool: what it is given as `capacity`. Each pool needs one of its own. */
  share(): CapacityShare;
  /** A new total, in force at once; what is too much is asked back. @throws InvalidOptionsError */
  resize(total: number): void;
}

/**
 * One bound on the connections of several pools, shared fairly. The rule, where a pool with waiting requests finds no ticket:
 *
 * 1. The next free ticket goes to the pool with the fewest tickets among those that wait for one, and among equals to the
 *    one that has waited longest.
 * 2. One is asked back from a pool that holds at least two more than the one that waits, or any at all where the latter
 *    holds none: from one with an idle connection first, then from the one that
 *    holds most, then from the one that took its last ticket longest ago. Nothing in use is taken away:
 *    an idle connection ends now, else the next to come home.
 * 3. Where that finds nobody, an idle connection of a pool without waiting requests is asked back.
 *
 * So pools that always have waiting requests come to hold equally many, give or take one, and with more such pools than
 * tickets each gets one in turn. What a pool does not use is the others' to use.
 *
 * @throws InvalidOptionsError
 */
export function sharedCapacity(total: number): SharedCapacity {
  return new TicketSupply(total);
}

/** What one pool is given as `capacity`. */
export interface CapacityShare extends Capacity {
  /** Whether a pool takes from it. */
  readonly isJoined: boolean;
}

/** One ticket on its way from one pool to another, or to nobody, where there are too many. */
interface Recall {
  readonly from: Share;
  readonly by: Share | undefined;
}

class TicketSupply implements SharedCapacity {
  total: number;
  taken = 0;
  /** Those that have joined, first the one that took nothing for longest. */
  readonly #shares = new Set<Share>();
  /** Pools that were refused a ticket, those that wait longest first. */
  readonly #asking = new Set<Share>();
  #recalls: Recall[] = [];
  #state: 'resting' | 'offering' | 'called-again' = 'resting';

  constructor(total: number) {
    checkTotal('sharedCapacity', total);
    this.total = total;
  }

  share(): CapacityShare {
    return new Share(this);
  }

  resize(total: number): void {
    checkTotal('sharedCapacity: resize', total);
    this.total = total;
    this.#forget((recall) => recall.by === undefined);
    for (let over = this.taken - total; over > 0; over--) this.#recallFor(undefined);
    this.#offer();
  }

  joined(share: Share): void {
    this.#shares.add(share);
  }

  left(share: Share): void {
    this.#shares.delete(share);
    this.#asking.delete(share);
    this.#forget((recall) => recall.by === share);
  }

  tryTake(share: Share): boolean {
    if (this.taken < this.total) {
      this.taken++;
      share.held++;
      this.#asking.delete(share);
      this.#forget((recall) => recall.by === share);
      if (this.#shares.delete(share)) this.#shares.add(share);
      return true;
    }
    if (share.waiting > 0) {
      this.#asking.add(share);
      this.#recallFor(share);
    }
    return false;
  }

  give(share: Share): void {
    this.taken--;
    share.held--;
    this.#drop((recall) => recall.from === share);
    if (this.#recalls.filter(({ by }) => by === undefined).length > Math.max(0, this.taken - this.total)) {
      this.#drop((recall) => recall.by === undefined);
    }
    this.#offer();
  }

  /** Offers what is free, one after the other, until nobody who waits wants any. A call from within is heard by the one under way. */
  #offer(): void {
    if (this.#state !== 'resting') {
      this.#state = 'called-again';
      return;
    }
    try {
      const declined = new Set<Share>();
      do {
        this.#state = 'offering';
        for (let next = this.#next(declined); next !== undefined; next = this.#next(declined)) {
          const before = next.held;
          next.changed();
          if (next.held === before) declined.add(next);
        }
      } while (this.#calledAgain());
    } finally {
      this.#state = 'resting';
    }
  }

  #calledAgain(): boolean {
    return this.#state === 'called-again';
  }

  #next(declined: ReadonlySet<Share>): Share | undefined {
    if (this.taken >= this.total) return undefined;
    let next: Share | undefined;
    for (const share of this.#asking) {
      if (share.waiting === 0) {
        this.#asking.delete(share);
        this.#forget((recall) => recall.by === share);
      } else if (!declined.has(share) && (next === undefined || share.held < next.held)) next = share;
    }
    return next;
  }

  /** Asks one ticket back, for a pool that waits, or because there are too many. */
  #recallFor(by: Share | undefined): void {
    const coming = this.#recalls.filter((recall) => recall.by === by);
    if (by !== undefined && coming.length >= by.waiting) {
      for (const { from } of coming) from.changed();
      return;
    }
    const from = this.#victim(by, coming.length);
    if (from === undefined) return;
    this.#recalls.push({ from, by });
    from.recalled++;
    from.changed();
  }

  #victim(by: Share | undefined, coming: number): Share | undefined {
    const others = [...this.#shares].filter((share) => share !== by && share.keeps > 0);
    const level = by === undefined ? -1 : by.held + coming;
    const richer = others.filter((share) => by?.held === 0 || share.keeps > level + 1);
    const spare = others.filter((share) => share.waiting === 0 && share.spare > 0);
    const eligible = richer.length > 0 ? richer : spare;
    const idleFirst = eligible.some((share) => share.spare > 0)
      ? eligible.filter((share) => share.spare > 0)
      : eligible;
    return idleFirst.reduce<Share | undefined>(
      (most, share) => (most === undefined || share.keeps > most.keeps ? share : most),
      undefined,
    );
  }

  #drop(isIt: (recall: Recall) => boolean): void {
    const one = this.#recalls.find(isIt);
    if (one !== undefined) this.#forget((recall) => recall === one);
  }

  #forget(isOver: (recall: Recall) => boolean): void {
    for (const recall of this.#recalls) if (isOver(recall)) recall.from.recalled--;
    this.#recalls = this.#recalls.filter((recall) => !isOver(recall));
  }
}

class Share implements CapacityShare {
  held = 0;
  recalled = 0;
  readonly #supply: TicketSupply;
  #taker: CapacityTaker | undefined;

  constructor(supply: TicketSupply) {
    this.#supply = supply;
  }

  get isJoined(): boolean {
    return this.#taker !== undefined;
  }

  get waiting(): number {
    return this.#taker?.waiting ?? 0;
  }

  /** What will be left of its tickets. */
  get keeps(): number {
    return this.held - this.recalled;
  }

  /** Idle connections that are not asked back yet. */
  get spare(): number {
    return (this.#taker?.idle ?? 0) - this.recalled;
  }

  tryTake(): boolean {
    return this.#supply.tryTake(this);
  }

  give(): void {
    this.#supply.give(this);
  }

  changed(): void {
    this.#taker?.changed();
  }

  join(taker: CapacityTaker): () => void {
    this.#taker = taker;
    this.#supply.joined(this);
    return () => {
      this.#taker = undefined;
      this.#supply.left(this);
    };
  }
}

function checkTotal(subject: string, total: number): void {
  const check = new OptionCheck(subject);
  check.number('total', total, MAX_CONNECTIONS);
  check.throwIfFaulty();
}
