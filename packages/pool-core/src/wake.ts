/**
 * Owns one timer that is moved as plans change.
 * It must never know what it wakes somebody for.
 */
import type { Timer, Timers } from '@cryo/resilience';

/** A timer that rather fires too early than is set anew: whoever is woken judges again anyway. */
export class Wake {
  readonly #timers: Timers;
  readonly #run: () => void;
  #set: { readonly atMs: number; readonly background: boolean; readonly timer: Timer } | undefined;

  constructor(timers: Timers, run: () => void) {
    this.#timers = timers;
    this.#run = run;
  }

  /** When it wakes, in ms; `Infinity` for never. */
  get atMs(): number {
    return this.#set?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Wakes at `atMs` at the latest; `Infinity` for never. A background timer does not keep the process alive. */
  by(atMs: number, now: number, { background }: { readonly background: boolean }): void {
    if (atMs === Number.POSITIVE_INFINITY) return this.cancel();
    if (this.#set !== undefined && this.#set.atMs <= atMs && this.#set.background === background) return;
    this.cancel();
    const timer = this.#timers.set(Math.max(0, atMs - now), () => this.#fired(), { background });
    this.#set = { atMs, background, timer };
  }

  cancel(): void {
    this.#set?.timer.cancel();
    this.#set = undefined;
  }

  #fired(): void {
    this.#set = undefined;
    this.#run();
  }
}
