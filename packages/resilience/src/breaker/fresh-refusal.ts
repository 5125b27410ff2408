/**
 * Owns how long a refusal by an open breaker may stand without a new look at the clock.
 * Must never know whom it refuses.
 */
import { type Clock, systemClock } from '../clock.ts';
import { BreakerOpenError } from '../errors.ts';

/** A loop that never lets go of the thread looks at the clock at every 64th asking all the same. */
const MOST_ASKINGS = 63;

const NOT_STANDING = -1;

/**
 * A reading of the clock costs ten times what the rest of a refusal does. The last one stands for the rest of the same
 * synchronous run (code that runs without a turn of the microtask queue in between), in which nobody could have waited: a
 * thousand callers refused in one go cost 16 readings. Only the real clock is read so sparsely; any other may be moved at
 * will by the very code that asks.
 */
export class FreshRefusal {
  readonly #clock: Clock;
  /** How many more askings it stands for. */
  #left = NOT_STANDING;
  #at = 0;
  /** Its texts are those of every refusal in this open time. */
  readonly like: BreakerOpenError;

  constructor(clock: Clock, breaker: string) {
    this.#clock = clock;
    this.like = new BreakerOpenError({ breaker, state: 'open' });
  }

  /** Whether the last refusal still stands. One number to look at: this is most of what a refusal costs. */
  stands(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }

  /** A refusal was made by this reading of the clock. */
  madeAt(now: number): undefined {
    if (this.#clock !== systemClock) return;
    if (this.#left === NOT_STANDING) this.#fallAfterThisRun();
    this.#left = MOST_ASKINGS;
    this.#at = now;
  }

  /** The time, as exact as a refusal has to be. */
  now(): number {
    return this.#left === NOT_STANDING ? this.#clock.now() : this.#at;
  }

  /** Somebody has read the clock, and the open time is over. */
  end(): undefined {
    this.#left = NOT_STANDING;
  }

  /** On its own, for an engine keeps what a function closes over whenever that is called. */
  #fallAfterThisRun(): void {
    void Promise.resolve().then(() => this.end());
  }
}
