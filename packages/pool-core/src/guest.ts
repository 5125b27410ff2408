/**
 * Owns questions to parts that callers supply, and whose failure must not become the pool's.
 * It must never know what the question is.
 */
import type { Emitter } from '@cryo/resilience';
import type { PoolEvents } from './events.ts';
import type { Redactor } from './redaction.ts';

/** The one way to ask a part that a caller supplied. */
export class Guests {
  readonly #events: Emitter<PoolEvents>;
  readonly #redactor: Redactor;

  constructor(events: Emitter<PoolEvents>, redactor: Redactor) {
    this.#events = events;
    this.#redactor = redactor;
  }

  /** When the part throws, that is told as `listener-failed`, and `otherwise` is the answer. */
  ask<Answer>(part: string, question: () => Answer, otherwise: Answer): Answer {
    try {
      return question();
    } catch (error) {
      this.#events.emit('listener-failed', { event: part, error: this.#redactor.mask(error) });
      return otherwise;
    }
  }
}
