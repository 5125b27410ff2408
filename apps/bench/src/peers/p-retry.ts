/**
 * Owns the slice of p-retry that is compared, structurally, since it is not installed where types are checked.
 * It must never know what it is compared with.
 */
import { loadPeer } from './peers.ts';

/** All optional: what is left out has p-retry's own default. */
export interface PRetryOptions {
  readonly retries?: number;
  readonly minTimeout?: number;
  readonly maxTimeout?: number;
  readonly factor?: number;
  readonly randomize?: boolean;
  readonly signal?: AbortSignal;
}

type PRetry = (work: (attempt: number) => unknown, options?: PRetryOptions) => Promise<unknown>;

export async function loadPRetry(): Promise<PRetry> {
  const { default: pRetry } = await loadPeer<{ default: PRetry }>('p-retry');
  return pRetry;
}
