/**
 * Owns how long a retry waits, measured from outside: from one attempt to the next.
 * It must never know how a library computes it.
 */
import type { Retry } from './library.ts';
import type { World } from './world.ts';

/** The waits of a call that always fails, in ms of the world's time. */
export async function waitsOf(retry: Retry, world: World, forMs: number): Promise<readonly number[]> {
  const attempts: number[] = [];
  const failing = async (): Promise<never> => {
    attempts.push(performance.now());
    throw new Error('the server is down');
  };
  retry.run(failing).catch(() => {});
  await world.advance(forMs);
  return attempts.slice(1).map((at, index) => at - (attempts[index] as number));
}
