/**
 * Owns what an action is, and what the work of callers fails with.
 * It must never know which actions there are.
 */
import { SimulatedError } from '@cryo/pool-core/testing';
import type { SeededRandom } from '@cryo/resilience/testing';
import type { Callers } from './callers.ts';
import type { World } from './world.ts';

/** One thing that happens; time may pass while it does. */
export type Action = (world: World, callers: Callers) => void | Promise<void>;

export const ERROR_CLASSES = [
  'connection-lost',
  'server-unavailable',
  'overloaded',
  'misconfigured',
  'conflict',
  'statement',
  undefined,
] as const;

/** What somebody releases a lease with. */
export function drawError(random: SeededRandom): unknown {
  if (random.chance(0.1)) return random.pick([null, 'a string', 0]);
  const errorClass = random.pick(ERROR_CLASSES);
  return new SimulatedError(`the work failed: ${errorClass}`, errorClass);
}
