/**
 * Owns what a pool said of its shedding, and when its waits could not be judged: the times, by priority class.
 * It must never judge whether that was right.
 */
import type { Clock } from '@cryo/resilience';
import type { PoolEvents } from '../events.ts';
import { RANKS } from './ledger.ts';

/** From when to when a class was served newest first, in ms; `Infinity` while it lasts. */
export interface SheddingPeriod {
  /** As in the ledger. */
  readonly priority: number;
  /** When it began. */
  readonly fromMs: number;
  /** When it ended. */
  readonly toMs: number;
}

/** What tells of shedding: a pool. */
interface Told {
  /** Subscribes to the pool's events. */
  on<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): () => void;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

const { POSITIVE_INFINITY: NEVER } = Number;
const THAW_GRACE_MS = 1_000;

/** Listens to one pool. */
export class SheddingBook {
  /** Periods that began since the last judgement. */
  began: readonly SheddingPeriod[] = [];
  /** Waits before it count for nothing, in ms: a suspension ended then, or the grace of a thaw. `Infinity` while suspended. */
  countedFromMs = -NEVER;
  /** When that was said, in ms. */
  countedFromSetAtMs = -NEVER;
  /** The last moment at which the event loop was blocked or anything above happened, in ms: what is due by time is due after it. */
  disturbedAtMs = -NEVER;
  readonly #clock: Clock;
  #periods: Mutable<SheddingPeriod>[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes down what this pool tells from now on. */
  listenTo(pool: Told): void {
    pool.on('shedding-began', ({ priority }) => {
      const period = { priority: RANKS[priority], fromMs: this.#clock.now(), toMs: NEVER };
      this.#periods.push(period);
      this.began = [...this.began, period];
    });
    pool.on('shedding-ended', ({ priority }) => {
      const period = this.#periods.findLast((one) => one.priority === RANKS[priority]);
      if (period !== undefined) period.toMs = this.#clock.now();
    });
    pool.on('suspended', () => this.#countFrom(NEVER));
    pool.on('resumed', () => this.#countFrom(this.#clock.now()));
    pool.on('thawed', () => this.#countFrom(Math.max(this.countedFromMs, this.#clock.now() + THAW_GRACE_MS)));
  }

  /** The event loop was blocked until now. */
  stalled(): void {
    this.disturbedAtMs = Math.max(this.disturbedAtMs, this.#clock.now());
  }

  /** `turning`: at that very instant it began or ended, so whoever was served then may have been served in either order. */
  stateAt(priority: number, atMs: number): 'calm' | 'shedding' | 'turning' {
    for (const one of this.#periods) {
      if (one.priority !== priority || atMs < one.fromMs || atMs > one.toMs) continue;
      return atMs === one.fromMs || atMs === one.toMs ? 'turning' : 'shedding';
    }
    return 'calm';
  }

  /** A moment was judged: what was over by then is needed no more. */
  judged(): void {
    this.began = [];
    const now = this.#clock.now();
    if (this.#periods.length > 0) this.#periods = this.#periods.filter(({ toMs }) => toMs >= now);
  }

  #countFrom(fromMs: number): void {
    this.countedFromMs = fromMs;
    this.countedFromSetAtMs = this.#clock.now();
    this.disturbedAtMs = fromMs;
  }
}
