/**
 * Owns what the drop-in is made from: pg's own class of pools without what is replaced, and the count of callers who wait.
 * It must never know what replaces it.
 */
import pg from 'pg';

type Replaced =
  | 'connect'
  | 'query'
  | 'end'
  | 'totalCount'
  | 'idleCount'
  | 'waitingCount'
  | 'expiredCount'
  | 'ending'
  | 'ended';

/** pg's class without the members that are replaced; its constructor reads the options. */
export const BasePool: new (options?: pg.PoolConfig) => Omit<pg.Pool, Replaced> = pg.Pool;

/** Those who asked and were not answered yet. */
export class Askers {
  #count = 0;
  #gone: (() => void) | undefined;

  came(): void {
    this.#count++;
  }

  went(): void {
    this.#count--;
    if (this.#count === 0) this.#gone?.();
  }

  /** Resolves when nobody waits any more. */
  async allGone(): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      this.#gone = resolve;
    });
  }
}
