/**
 * Owns the loops in which operations are timed. It is imported once per contender, under a query of its own, so that what the
 * engine learns from one contender is not mixed with another; it must never know which one it has.
 */

/** What is done once per turn of a loop. */
export type Operation = () => unknown;

export const LOOPS = { awaited, caught, synchronous } as const;

async function awaited(operation: Operation, times: number): Promise<unknown> {
  let last: unknown;
  for (let turn = 0; turn < times; turn++) last = await operation();
  return last;
}

/** For operations that end in an error each time. */
async function caught(operation: Operation, times: number): Promise<unknown> {
  let last: unknown;
  for (let turn = 0; turn < times; turn++) {
    try {
      last = await operation();
    } catch (error) {
      last = error;
    }
  }
  return last;
}

function synchronous(operation: Operation, times: number): unknown {
  let last: unknown;
  for (let turn = 0; turn < times; turn++) last = operation();
  return last;
}
