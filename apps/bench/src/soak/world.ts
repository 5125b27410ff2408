/**
 * Owns what is soaked, whatever it is made of: a pool that works, is disturbed, and ends.
 * It must never judge what it sees.
 */
import type { Pool } from '@cryo/pool-core';

/** Operations so far; those neither granted nor refused were never answered. */
export interface SoakCounts {
  asked: number;
  granted: number;
  refused: number;
}

export interface SoakWorld {
  readonly pool: Pick<Pool<unknown>, 'snapshot' | 'metrics'>;
  readonly counts: SoakCounts;
  /** What went wrong on the way, in words. */
  readonly faults: readonly string[];
  start(): void;
  /** Everybody goes home, the server heals, the pool closes. */
  end(): Promise<void>;
  /** What is left behind by name, beyond what the pool itself can tell; all of it should be 0. */
  left(): Readonly<Record<string, number>>;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
