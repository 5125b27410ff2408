/**
 * Owns the slice of opossum that is compared, structurally, since it is not installed where types are checked.
 * It must never know what it is compared with.
 */
import { loadPeer } from './peers.ts';

/** All optional: what is left out has opossum's own default. */
export interface OpossumOptions {
  readonly timeout?: number | false;
  readonly resetTimeout?: number;
  readonly errorThresholdPercentage?: number;
  readonly volumeThreshold?: number;
  readonly rollingCountTimeout?: number;
  readonly rollingCountBuckets?: number;
  readonly rollingPercentilesEnabled?: boolean;
  readonly enableSnapshots?: boolean;
  readonly capacity?: number;
  readonly abortController?: AbortController;
  readonly errorFilter?: (error: unknown) => boolean;
  readonly state?: unknown;
}

export interface OpossumBreaker {
  fire(...given: readonly unknown[]): Promise<unknown>;
  open(): void;
  fallback(alternative: () => unknown): unknown;
  on(event: string, listener: (...given: readonly unknown[]) => void): unknown;
  /** Asked every 5 s, and once at once. */
  healthCheck(check: () => Promise<unknown>): void;
  shutdown(): void;
  toJSON(): { readonly state: unknown };
}

export type Opossum = new (action: (...given: never[]) => unknown, options: OpossumOptions) => OpossumBreaker;

export async function loadOpossum(): Promise<Opossum> {
  const { default: Breaker } = await loadPeer<{ default: Opossum }>('opossum');
  return Breaker;
}
