/**
 * Owns the memory of the last calls: how many there were, and how many of them were bad, over a time or over a number.
 * Must never know what makes a call bad, nor read a clock.
 */
import { checkOptions, range } from './option-rules.ts';

/** What a window is asked for and told. `now` is in ms on one monotonic clock; a window over a number ignores it. */
export interface CallWindow {
  /** Counts a call that ended well, at that moment of the clock, in ms. */
  addGood(now: number): void;
  /** Counts a call that did not, at that moment of the clock, in ms. */
  addBad(now: number): void;
  /** How many calls of either kind are in the window. */
  calls(now: number): number;
  /** How many of them are bad. */
  bad(now: number): number;
}

/** How long a window of time is, and how finely it forgets. */
export interface TimeWindowOptions {
  /** In ms. */
  readonly windowMs: number;
  /** Into how many parts the time is divided. Default 10. */
  readonly buckets?: number | undefined;
}

const MOST_BUCKETS = 1_000;
const MOST_WINDOW_CALLS = 1_000_000;

const DEFAULT_BUCKETS = 10;

/** The rules for {@link TimeWindowOptions} and {@link CountWindowOptions}. */
export const WINDOW_MS = /* @__PURE__ */ range({ above: 0, unit: 'ms' });
export const BUCKETS = /* @__PURE__ */ range({ min: 1, max: MOST_BUCKETS, integer: true, unit: 'buckets' });
export const WINDOW_CALLS = /* @__PURE__ */ range({ min: 1, max: MOST_WINDOW_CALLS, integer: true, unit: 'calls' });

const BITS_IN_WORD = 32;

/**
 * The calls of the last `windowMs`, counted in buckets of `windowMs / buckets` that lie on one grid:
 *
 *     bucket    7       8       9      10      11
 *           ├───────┼───────┼───────┼───────┼───────┤     width = windowMs / buckets, bucket of t = ⌊t / width⌋
 *                   └───────── counted ─────────┘ now     with 4 buckets: the one of now and the 3 before it
 *
 * So a call counts for longer than `windowMs − width` and for at most `windowMs`: never at the age of `windowMs` or above,
 * always at `windowMs − width` or below. Expiry is exact at every reading and writing, whatever the gap since the last one,
 * and costs at most one step per bucket that has passed, never more than `buckets` steps. Memory is fixed. A `now` before
 * an earlier one counts as that earlier one.
 *
 * All calls ever are counted in one number, and a bucket holds what that number was when it began: to tell of a call is one
 * comparison and one increment, and what the window holds is one difference.
 */
export class TimeWindow implements CallWindow {
  readonly #buckets: number;
  readonly #widthMs: number;
  /** All calls before each bucket, then the bad ones of them. So short an array is smaller plain than typed, by 150 bytes. */
  readonly #before: number[];
  #place = 0;
  #newest = Number.NEGATIVE_INFINITY;
  #newestEndsAt = Number.NEGATIVE_INFINITY;
  #calls = 0;
  #bad = 0;

  /** @throws InvalidOptionsError listing every fault */
  constructor(options: TimeWindowOptions) {
    const rules = { windowMs: WINDOW_MS, buckets: BUCKETS };
    const { windowMs, buckets } = checkOptions('TimeWindow', options, rules, ['windowMs'], {
      buckets: DEFAULT_BUCKETS,
    });
    this.#buckets = buckets;
    this.#widthMs = windowMs / buckets;
    this.#before = Array.from({ length: 2 * buckets }, () => 0);
  }

  addGood(now: number): void {
    if (!(now < this.#newestEndsAt)) this.#advance(now);
    this.#calls++;
  }

  addBad(now: number): void {
    this.addGood(now);
    this.#bad++;
  }

  calls(now: number): number {
    if (!(now < this.#newestEndsAt)) this.#advance(now);
    return this.#calls - (this.#before[this.#next()] as number);
  }

  bad(now: number): number {
    if (!(now < this.#newestEndsAt)) this.#advance(now);
    return this.#bad - (this.#before[this.#buckets + this.#next()] as number);
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / this.#widthMs);
    const passed = bucket - this.#newest;
    if (!(passed > 0)) return;
    for (let left = Math.min(passed, this.#buckets); left > 0; left--) {
      this.#place = this.#next();
      this.#before[this.#place] = this.#calls;
      this.#before[this.#buckets + this.#place] = this.#bad;
    }
    this.#newest = bucket;
    this.#newestEndsAt = (bucket + 1) * this.#widthMs;
  }

  /** The place of the oldest bucket that counts, which the next one to begin takes over. */
  #next(): number {
    return this.#place + 1 === this.#buckets ? 0 : this.#place + 1;
  }
}

/** How many calls a window over a number holds. */
export interface CountWindowOptions {
  /** So many calls, the last ones. */
  readonly windowCalls: number;
}

/** The last `windowCalls` calls, one bit each: a set bit is a bad call. */
export class CountWindow implements CallWindow {
  readonly #size: number;
  readonly #bits: Uint32Array;
  #place = 0;
  #calls = 0;
  #bad = 0;

  /** @throws InvalidOptionsError listing every fault */
  constructor(options: CountWindowOptions) {
    const { windowCalls } = checkOptions('CountWindow', options, { windowCalls: WINDOW_CALLS }, ['windowCalls']);
    this.#size = windowCalls;
    this.#bits = new Uint32Array(Math.ceil(windowCalls / BITS_IN_WORD));
  }

  addGood(): void {
    this.#add(0);
  }

  addBad(): void {
    this.#add(1);
  }

  calls(): number {
    return this.#calls;
  }

  bad(): number {
    return this.#bad;
  }

  #add(bit: 0 | 1): void {
    const place = this.#place;
    const word = Math.floor(place / BITS_IN_WORD);
    const shift = place % BITS_IN_WORD;
    const held = this.#bits[word] as number;
    // Until the ring is full the bit that gives way is 0, for nothing was there.
    this.#bad += bit - ((held >>> shift) & 1);
    this.#bits[word] = (held & ~(1 << shift)) | (bit << shift);
    this.#place = place + 1 === this.#size ? 0 : place + 1;
    if (this.#calls < this.#size) this.#calls++;
  }
}
