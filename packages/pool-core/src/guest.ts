/**
 * Owns questions to parts that callers supply, and whose failure must not become the pool's.
 * It must never know what the question is.
 */
import type { Emitter } from '@cryo/resilience';
import type { PoolEvents } from './events.ts';

/** Asks a part that a caller supplied. When it throws, that is told as `listener-failed`, and `otherwise` is the answer. */
export function askGuest<Answer>(
  events: Emitter<PoolEvents>,
  part: string,
  ask: () => Answer,
  otherwise: Answer,
): Answer {
  try {
    return ask();
  } catch (error) {
    events.emit('listener-failed', { event: part, error });
    return otherwise;
  }
}
