/**
 * Owns when a try has taken so long that another one is worth beginning, learned from how long tries take.
 * Must never know what a try does.
 */
import { Histogram } from './metrics/histogram.ts';

/** So many durations make a generation: the older of two answers while the newer one is filled, so that old ones go. */
const GENERATION = 1_000;
/** A quantile moves slowly, and finding it is a hundred times the work of recording. */
const MEASUREMENTS_PER_LOOK = 32;

/** After how many ms to begin another try. */
export interface HedgeDelay {
  /** Infinity: not at all. */
  readonly ms: number;
  /** Absent where nothing is learned, so that nobody reads a clock for it. */
  measured?(durationMs: number): void;
}

/** What the share `quantile` of the last one to two thousand durations did not exceed; before `minimumCalls`, no hedging. */
export class QuantileDelay implements HedgeDelay {
  readonly #quantile: number;
  readonly #minimumCalls: number;
  #newer = new Histogram();
  #older: Histogram | undefined = undefined;
  #ms = Infinity;

  constructor(quantile: number, minimumCalls: number) {
    this.#quantile = quantile;
    this.#minimumCalls = minimumCalls;
  }

  get ms(): number {
    return this.#ms;
  }

  measured(durationMs: number): void {
    this.#newer.record(durationMs);
    const { count } = this.#newer;
    if (this.#older === undefined && count < this.#minimumCalls) return;
    if (this.#ms === Infinity || count % MEASUREMENTS_PER_LOOK === 0) this.#look();
    if (count < Math.max(GENERATION, this.#minimumCalls)) return;
    this.#older = this.#newer;
    this.#newer = new Histogram();
  }

  #look(): void {
    const both = this.#newer.copy();
    if (this.#older !== undefined) both.merge(this.#older);
    this.#ms = both.quantile(this.#quantile);
  }
}
