/**
 * Owns the shrinking of a bad day: which of its steps are enough to break the same promise.
 * It must never know what a step does.
 */
import { type ReplayOptions, replay, type SimulationFailure } from './run.ts';

/** The fewest steps that were found to be enough. */
export interface Shrunk {
  /** The steps to replay with `only`, counted from 1. */
  readonly only: readonly number[];
  /** How the day goes with these alone. */
  readonly failure: SimulationFailure;
}

const MOST_REPLAYS = 500;

/**
 * Leaves out ever smaller pieces of a day as long as the same promise breaks (delta debugging: Zeller and Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", 2002). Answers the failure as it was when nothing can be left out.
 */
export async function shrink(
  failure: SimulationFailure,
  options: Pick<ReplayOptions, 'steps' | 'createPool'>,
): Promise<Shrunk> {
  const steps = Math.min(options.steps, failure.step);
  let best: Shrunk = { only: Array.from({ length: steps }, (_, index) => index + 1), failure };
  let replays = 0;
  for (let size = Math.ceil(steps / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.only.length && replays < MOST_REPLAYS; replays++) {
      const only = best.only.toSpliced(at, size);
      const tried = await replay(failure.seed, { ...options, steps, only });
      if (tried.failure?.invariant === failure.invariant) best = { only, failure: tried.failure };
      else at += size;
    }
  }
  return best;
}
