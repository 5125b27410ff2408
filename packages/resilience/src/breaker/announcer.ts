/**
 * Owns what a breaker tells, to whom and in which order.
 * Must never know why anything is told.
 */
import { Emitter } from '../events.ts';
import type { ListenerFailed } from '../hooks.ts';
import type { BreakerEvents } from './contract.ts';

/** Made for the first listener: most breakers have none. */
export class Announcer {
  readonly #emitter: Emitter<BreakerEvents>;
  readonly #changesToTell: BreakerEvents['state-changed'][] = [];

  constructor(listenerFailed: ListenerFailed | undefined) {
    this.#emitter = new Emitter({ listenerFailed });
  }

  on<Name extends keyof BreakerEvents>(name: Name, listener: (event: BreakerEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** A listener may change the state again: whoever is telling tells that change too, to all in the same order. */
  changed(change: BreakerEvents['state-changed']): void {
    if (this.#changesToTell.push(change) > 1) return;
    for (const next of this.#changesToTell) this.#emitter.emit('state-changed', next);
    this.#changesToTell.length = 0;
  }

  wouldRefuse(event: BreakerEvents['would-refuse']): void {
    this.#emitter.emit('would-refuse', event);
  }
}
