/**
 * Owns the one way in which the pool writes to somebody else's logger.
 * It must never be a reason for anything to fail.
 */
import type { Logger } from './options.ts';

/** Writes one line. What the logger throws, or rejects with later, ends here: a pool that can't be heard still has to work. */
export function say(logger: Logger, level: keyof Logger, entry: object, message: string): void {
  try {
    const answer: unknown = logger[level](entry, message);
    Promise.resolve(answer).catch(() => {});
  } catch {
    // The same for what it throws at once.
  }
}
