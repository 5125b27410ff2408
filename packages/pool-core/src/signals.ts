/**
 * Owns the subscriptions to callers' signals: one listener for each signal, however many requests share it.
 * It must never know what an abort means to a request.
 */
import type { AbortSignal } from '@cryo/resilience';

interface Followed {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** Platforms warn of a leak when a signal has more than a few listeners; a pool may have thousands of waiters on one. */
export class Signals {
  readonly #followed = new WeakMap<AbortSignal, Followed>();

  /** Calls back once when the signal aborts; the answer ends that. */
  follow(signal: AbortSignal, aborted: () => void): () => void {
    const { callbacks } = this.#followed.get(signal) ?? this.#begin(signal);
    callbacks.add(aborted);
    return () => {
      if (callbacks.delete(aborted) && callbacks.size === 0) this.#end(signal);
    };
  }

  #begin(signal: AbortSignal): Followed {
    const callbacks = new Set<() => void>();
    const listener = () => {
      for (const aborted of callbacks) {
        callbacks.delete(aborted);
        aborted();
      }
    };
    const followed = { callbacks, listener };
    signal.addEventListener('abort', listener, { once: true });
    this.#followed.set(signal, followed);
    return followed;
  }

  #end(signal: AbortSignal): void {
    const followed = this.#followed.get(signal);
    if (followed === undefined) return;
    signal.removeEventListener('abort', followed.listener);
    this.#followed.delete(signal);
  }
}
