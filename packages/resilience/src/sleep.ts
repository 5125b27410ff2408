/**
 * Owns a wait that an abort cuts short.
 * Must never know what is waited for.
 */
import type { AbortSignal } from './deadline.ts';
import { AbortedError } from './errors.ts';
import type { Delays } from './timers.ts';

/** Resolves after `delayMs`; rejects with an {@link AbortedError} as soon as the signal aborts, leaving no timer behind. */
export function sleep(delayMs: number, timers: Delays, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      timer.cancel();
      reject(new AbortedError(signal?.reason));
    };
    const wake = (): void => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const timer = timers.set(delayMs, wake, { background: false });
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
