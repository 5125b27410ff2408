/**
 * Owns what a breaker tells, to whom and in which order.
 * Must never know why anything is told.
 */
import { Emitter } from '../events.ts';
import type { ListenerFailed } from '../hooks.ts';
import { BREAKER_EVENTS, type BreakerEvents } from './contract.ts';

type Change = BreakerEvents['state-changed'];

/** Made for the first listener: most breakers have none. */
export class Announcer extends Emitter<BreakerEvents> {
  readonly #changesToTell: Change[] = [];

  constructor(breaker: string, listenerFailed: ListenerFailed | undefined) {
    super({ owner: `circuitBreaker '${breaker}'`, names: BREAKER_EVENTS, listenerFailed });
  }

  /** A listener may change the state again: whoever is telling tells that change too, to all in the same order. */
  changed(change: Change): void {
    if (this.#changesToTell.push(change) > 1) return;
    for (const next of this.#changesToTell) this.emit('state-changed', next);
    this.#changesToTell.length = 0;
  }
}
