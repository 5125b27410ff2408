/**
 * Owns how long a refusal by an open breaker may stand without a new look at the clock.
 * Must never know whom it refuses.
 */
import { type Clock, systemClock } from '../clock.ts';

/** A loop that never lets go of the thread looks at the clock at every 64th asking all the same. */
const MOST_ASKINGS = 64;

/** The number of the synchronous run under way: code that runs without a turn of the microtask queue in between. */
let presentRun = 0;
let nextRunIsDue = false;

/**
 * A reading of the clock costs ten times what the rest of a refusal does. The last one stands for the rest of the same
 * synchronous run, in which nobody could have waited: a thousand callers refused in one go cost 16 readings. Only the real
 * clock is read so sparsely; any other may be moved at will by the very code that asks.
 */
export class FreshRefusal {
  readonly #clock: Clock;
  #run = -1;
  #askings = 0;
  #at = Number.NaN;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the last refusal still stands. */
  stands(): boolean {
    this.#askings++;
    return this.#run === presentRun && this.#askings < MOST_ASKINGS;
  }

  /** A refusal was made by this reading of the clock. */
  madeAt(now: number): undefined {
    if (this.#clock !== systemClock) return;
    this.#run = presentRun;
    this.#askings = 0;
    this.#at = now;
    if (nextRunIsDue) return;
    nextRunIsDue = true;
    void Promise.resolve().then(beginRun);
  }

  /** The time, as exact as a refusal has to be. */
  now(): number {
    return this.#run === presentRun ? this.#at : this.#clock.now();
  }
}

function beginRun(): void {
  presentRun++;
  nextRunIsDue = false;
}
