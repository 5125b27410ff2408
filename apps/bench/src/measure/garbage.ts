/**
 * Owns what an operation leaves to the collector: the heap before and after many of them, while nothing is collected.
 * It must never know what the operation is. Needs a process started with the flags given here.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { settledBytes } from './bytes.ts';

/** Room enough for nothing to be collected while it is counted. */
export const GARBAGE_FLAGS = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** With a turn of the event loop after each: what the engine compiles beside us has to arrive before anything is counted. */
const WARM_UPS = 50;
const MOST_REPETITIONS = 9;

export interface GarbageOptions {
  readonly rounds: number;
  /** How many are counted at once: all that they leave has to fit into the room. */
  readonly operations: number;
}

/** Bytes per operation, once for each repetition; `run` does as many operations as it is told. */
export async function garbagePerOperation(
  run: (times: number) => Promise<unknown> | unknown,
  { rounds, operations }: GarbageOptions,
): Promise<readonly number[]> {
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) {
    await run(operations);
    await turn();
  }
  const counts: number[] = [];
  for (let repetition = 0; repetition < Math.min(rounds, MOST_REPETITIONS); repetition++) {
    await settledBytes();
    const before = process.memoryUsage().heapUsed;
    const running = run(operations);
    if (running instanceof Promise) await running;
    counts.push((process.memoryUsage().heapUsed - before) / operations);
  }
  return counts;
}
