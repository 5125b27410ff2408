/**
 * Owns the judgement of how many dials the queue needs: what waits against what is coming back soon.
 * It must never know whether a dial is allowed.
 */

/** What is known when a dial is considered. Times in ms. */
export interface DemandView {
  readonly waiting: number;
  readonly oldestWaitMs: number;
  /** How long there has been somebody waiting without a break, whoever it was: at least `oldestWaitMs`. */
  readonly busyMs: number;
  /** Connections being checked or reset, which serve from then on. */
  readonly arriving: number;
  /** Dials under way at normal speed. */
  readonly dialing: number;
  readonly leased: number;
  /** Mean time a lease was held lately; 0 when none has ended yet. */
  readonly meanHoldMs: number;
  /** Mean age of the leases in force. */
  readonly meanLeaseAgeMs: number;
  /** What a dial took lately; 0 when none has ended yet. */
  readonly dialMs: number;
}

/**
 * Requests that would still wait if the pool only waited for as long as a dial takes.
 *
 * A connection lent for `hold` on average comes back `dialMs / hold` times while one dial runs. Leases that have already
 * outlived the mean speak for themselves: the larger of the two is used. As long as nothing is known they are taken to come
 * back at once; the judgement is repeated as they age. All of that is a guess, and a queue that has not been
 * empty for as long as a dial takes has proved it wrong, even when nobody in it waited for so long: then one more connection is
 * needed for certain. A burst is over before; a steady load would else be served by too few for ever.
 */
export function unservedDemand(view: DemandView): number {
  const holdMs = Math.max(view.meanHoldMs, view.meanLeaseAgeMs);
  const serving = view.leased + view.arriving;
  const hopeful = serving > 0 && view.oldestWaitMs <= view.dialMs ? Number.POSITIVE_INFINITY : 0;
  const comingBack = holdMs === 0 ? hopeful : (serving * view.dialMs) / holdMs;
  const guessed = view.waiting - view.dialing - view.arriving - comingBack;
  const proved = view.waiting > 0 && view.busyMs > view.dialMs ? 1 - view.arriving - view.dialing : 0;
  return Math.max(guessed, proved);
}

/** An exponentially weighted mean: new observations count one eighth, the first one whole. */
export class MovingMean {
  // −0, so that it is written in place: see PooledConnection.
  #value = -0;
  #observed = false;

  get value(): number {
    return this.#observed ? this.#value : 0;
  }

  observe(value: number): void {
    this.#value = this.#observed ? this.#value + (value - this.#value) / 8 : value;
    this.#observed = true;
  }
}
