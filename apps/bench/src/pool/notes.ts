/**
 * Owns figures as they come in, by the name of whom they are about.
 * It must never know what they mean.
 */
import type { RawResult } from '../measure/result.ts';

export class Notes {
  readonly #taken: Record<string, number[]> = {};

  get taken(): RawResult {
    return this.#taken;
  }

  add(name: string, figure: number): void {
    this.#taken[name] = [...(this.#taken[name] ?? []), figure];
  }
}
