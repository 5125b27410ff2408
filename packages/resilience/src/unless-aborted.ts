/**
 * Owns an answer that nobody waits for any more once they have aborted.
 * Must never know what is answered, nor end what answers.
 */
import type { AbortSignal } from './deadline.ts';
import { AbortedError } from './errors.ts';

/** The answer, or an {@link AbortedError} as soon as the signal aborts. Nothing listens to it after either. */
export function unlessAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
  if (signal === undefined) return answer;
  return new Promise<Answer>((resolve, reject) => {
    const abort = (): void => reject(new AbortedError(signal.reason));
    const forget = (): void => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).then(forget);
  });
}
