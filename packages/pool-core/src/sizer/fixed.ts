/**
 * Owns the sizer that leaves the bounds to the caller.
 * It must never know what the pool is doing.
 */
import type { Sizer, SizerFactory } from './sizer.ts';

const STILL: Sizer = { plan: () => undefined, rebase: () => {} };

/** Bounds change by `resize()` alone. The default where `size.absoluteMax` leaves no room above `size.max`. */
export function fixed(): SizerFactory {
  return { name: 'fixed', start: () => STILL };
}
