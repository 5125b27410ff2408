/**
 * Owns the regular look at a run: the size of the main pool, and how many requests are served per second.
 * It must never act on what it sees.
 */
import type { PoolSnapshot } from '@cryo/pool-core';
import { SAMPLE_EVERY_MS, Timeline } from './timeline.ts';

const SAMPLES_PER_SECOND = 1_000 / SAMPLE_EVERY_MS;

export class Sampler {
  readonly whole = new Timeline('whole');
  /** The last minute. */
  readonly recent = new Timeline('recent');
  readonly #served: number[] = [0];
  readonly #sampling: NodeJS.Timeout;

  /** Starts at once. `served` counts from the start of the run. */
  constructor(snapshot: () => PoolSnapshot, served: () => number) {
    this.#sampling = setInterval(() => {
      const moment = snapshot();
      this.whole.add(moment);
      this.recent.add(moment);
      this.#served.push(served());
      if (this.#served.length > SAMPLES_PER_SECOND + 1) this.#served.shift();
    }, SAMPLE_EVERY_MS);
  }

  /** Over the last second. */
  get servedPerSecond(): number {
    const gaps = this.#served.length - 1;
    const [oldest = 0, newest = 0] = [this.#served[0], this.#served[gaps]];
    return gaps === 0 ? 0 : ((newest - oldest) * SAMPLES_PER_SECOND) / gaps;
  }

  stop(): void {
    clearInterval(this.#sampling);
  }
}
