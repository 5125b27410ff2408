/**
 * Owns the size of a pool over time: a sample every quarter of a second, and never more than fit on a page.
 * It must never read a clock: the snapshot says when it is of.
 */
import type { PoolSnapshot } from '@cryo/pool-core';

/** The pool at one moment, in connections and requests; `atMs` counts from the first sample. */
export interface SizeSample {
  readonly atMs: number;
  readonly max: number;
  readonly live: number;
  readonly leased: number;
  readonly waiting: number;
}

export const SAMPLE_EVERY_MS = 250;

/**
 * Keeps at most `limit` samples. `whole` thins itself out as it fills, so that it always covers the run from its
 * beginning; `recent` forgets the oldest.
 */
export class Timeline {
  readonly #limit: number;
  readonly #keep: 'whole' | 'recent';
  #samples: SizeSample[] = [];
  #firstAtMs: number | undefined;
  #stride = 1;
  #seen = 0;

  constructor(keep: 'whole' | 'recent', limit = 240) {
    this.#keep = keep;
    this.#limit = limit;
  }

  add({ atMs, size, live, connections, waiting }: PoolSnapshot): void {
    this.#firstAtMs ??= atMs;
    const turn = this.#seen++;
    if (turn % this.#stride !== 0) return;
    this.#samples.push({
      atMs: Math.round(atMs - this.#firstAtMs),
      max: size.max,
      live,
      leased: connections.leased,
      waiting,
    });
    if (this.#samples.length <= this.#limit) return;
    if (this.#keep === 'recent') {
      this.#samples.shift();
      return;
    }
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  get samples(): readonly SizeSample[] {
    return this.#samples;
  }
}
