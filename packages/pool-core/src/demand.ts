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
  /** How often a connection in use is expected to be free while one dial runs; `Infinity` while nothing is known. */
  readonly returns: number;
  /** What a dial took lately; 0 when none has ended yet. */
  readonly dialMs: number;
}

/**
 * Requests that would still wait if the pool only waited for as long as a dial takes: those beyond the connections under way and
 * the returns until then. All of that is a guess, and a queue that has not been empty for as long as a dial takes has proved it
 * wrong, even when nobody in it waited for so long: then one more connection is needed for certain. A burst is over before; a
 * steady load would else be served by too few for ever.
 */
export function unservedDemand(view: DemandView): number {
  const { waiting, oldestWaitMs, busyMs, arriving, dialing, leased, returns, dialMs } = view;
  // What is hoped for without any lease that could tell has an end.
  const hopeless = leased === 0 && returns === Number.POSITIVE_INFINITY && oldestWaitMs > dialMs;
  // A part of a connection serves nobody.
  const comingBack = hopeless ? 0 : Math.floor(returns);
  const guessed = waiting - dialing - arriving - comingBack;
  const proved = waiting > 0 && busyMs > dialMs ? 1 - arriving - dialing : 0;
  return Math.max(guessed, proved);
}

/** An exponentially weighted mean: new observations count one eighth, the first one whole. */
export class MovingMean {
  // −0, so that it is written in place: see PooledConnection.
  #value = -0;
  #share = 1;

  /** 0 before the first observation. */
  get value(): number {
    // Not −0.
    return this.#value + 0;
  }

  observe(value: number): void {
    this.#value += (value - this.#value) * this.#share;
    this.#share = 1 / 8;
  }

  /** The first `count` of them, one after another. */
  observeAll(values: Float64Array, count: number): void {
    if (count === 0) return;
    this.observe(values[0] as number);
    let mean = this.#value;
    for (let index = 1; index < count; index++) mean += ((values[index] as number) - mean) * this.#share;
    this.#value = mean;
  }
}
