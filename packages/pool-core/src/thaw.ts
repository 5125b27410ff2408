/**
 * Owns the suspicion that the whole process stood still: a frozen container, a sleeping laptop, a paused function.
 * It must never know what to do about it.
 */
import type { Clock } from '@cryo/resilience';

/** A gap longer than this, in ms, is a freeze and no mere stall of the event loop. */
const FREEZE_MS = 5_000;

/**
 * Compares what the two clocks say between one look and the next. A freeze shows either as wall time that ran ahead of
 * monotonic time, or as a look that comes far later than it was due.
 */
export class ThawWatch {
  readonly #clock: Clock;
  readonly #lookEveryMs: number;
  #lastMs: number;
  #lastWallMs: number;

  constructor(clock: Clock, lookEveryMs: number) {
    this.#clock = clock;
    this.#lookEveryMs = lookEveryMs;
    this.#lastMs = clock.now();
    this.#lastWallMs = clock.wallNow();
  }

  /** How long the process stood still since the last look, in ms; 0 when it did not. */
  look(): number {
    const now = this.#clock.now();
    const wallNow = this.#clock.wallNow();
    const elapsedMs = now - this.#lastMs;
    const frozenMs = Math.max(wallNow - this.#lastWallMs - elapsedMs, elapsedMs - this.#lookEveryMs);
    this.#lastMs = now;
    this.#lastWallMs = wallNow;
    return frozenMs > FREEZE_MS ? frozenMs : 0;
  }
}
