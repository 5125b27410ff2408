/**
 * Owns how long was waited for leases and how long they were held: noted where it is measured, counted when somebody looks.
 * It must never know which lease it was, nor what is concluded from it.
 *
 * ```text
 *   waited(ms) ─► [ 0.4 0.4 0.5 …   64 ] ─┐   full,     ┌─► how the waits are spread
 *   held(ms)   ─► [ 2.1 1.9 7.0 …   64 ] ─┴─► or asked ─┴─► how the holds are spread, how many they are, their sum and recent mean
 * ```
 *
 * A note is one store. Counting is a bucket, three sums and a mean; many in a row cost half of what each costs alone, between other
 * things: docs/decisions/0016-the-short-way.md.
 */
import type { Histogram } from '@cryo/resilience';
import { MovingMean } from './demand.ts';

const MOST_NOTES = 64;

/** All times in ms. Whatever is asked here is up to date; the two histograms are as of the last {@link catchUp}. */
export class LeaseTimes {
  readonly #waitTime: Histogram;
  readonly #useTime: Histogram;
  readonly #recent = new MovingMean();
  readonly #waits = new Float64Array(MOST_NOTES);
  #waitsNoted = 0;
  readonly #holds = new Float64Array(MOST_NOTES);
  #holdsNoted = 0;

  constructor(waitTime: Histogram, useTime: Histogram) {
    this.#waitTime = waitTime;
    this.#useTime = useTime;
  }

  /** A lease began for whoever was queued this long. */
  waited(ms: number): void {
    if (this.#waitsNoted === MOST_NOTES) this.catchUp();
    this.#waits[this.#waitsNoted++] = ms;
  }

  /** A lease ended after this long. */
  held(ms: number): void {
    if (this.#holdsNoted === MOST_NOTES) this.catchUp();
    this.#holds[this.#holdsNoted++] = ms;
  }

  /** Counts what was noted. */
  catchUp(): void {
    this.#waitTime.recordAll(this.#waits, this.#waitsNoted);
    this.#waitsNoted = 0;
    this.#useTime.recordAll(this.#holds, this.#holdsNoted);
    this.#recent.observeAll(this.#holds, this.#holdsNoted);
    this.#holdsNoted = 0;
  }

  /** How many leases ended. */
  get ended(): number {
    this.catchUp();
    return this.#useTime.count;
  }

  /** What the leases that ended lasted, all together. */
  get heldMs(): number {
    this.catchUp();
    return this.#useTime.sum;
  }

  /** What leases lasted lately; 0 while none has ended. */
  get recentMs(): number {
    this.catchUp();
    return this.#recent.value;
  }
}
