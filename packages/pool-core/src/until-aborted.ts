/**
 * Owns the waiting for what others' code promises: the caller's hooks may never answer, and are waited for while it is wanted.
 * It must never know what is waited for.
 */
import type { AbortSignal } from '@cryo/resilience';

/** What the work answers, or the reason of an abort that comes first. What the work says after that is not heard. */
export function untilAborted<Result>(
  signal: AbortSignal,
  work: () => Result | PromiseLike<Result>,
): Promise<Awaited<Result>> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    const settled = () => signal.removeEventListener('abort', aborted);
    const answer = new Promise<Awaited<Result>>((answered) => answered(work() as Awaited<Result>));
    answer.finally(settled).then(resolve, reject);
  });
}
