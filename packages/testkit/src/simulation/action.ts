/**
 * Owns what an action is, and the small things that callers draw: how they ask, and what their work fails with.
 * It must never know which actions there are.
 */
import { SimulatedError } from '@cryo/pool-core/testing';
import type { SeededRandom } from '@cryo/resilience/testing';
import type { Ask, Callers } from './callers.ts';
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

/** How somebody asks for a lease. */
export function drawAsk(random: SeededRandom): Ask {
  return {
    ...(random.chance(0.3) && { timeoutMs: random.pick([1, 20, 300, 3_000, Number.POSITIVE_INFINITY]) }),
    ...(random.chance(0.3) && { label: random.pick(['orders', 'reports']) }),
    ...(random.chance(0.3) && { priority: random.pick(['high', 'normal', 'low'] as const) }),
    signal: random.chance(0.3) ? (random.chance(0.05) ? 'aborted' : 'own') : 'none',
  };
}

/** What somebody releases a lease with. */
export function drawError(random: SeededRandom): unknown {
  if (random.chance(0.1)) return random.pick([null, 'a string', 0]);
  const errorClass = random.pick(ERROR_CLASSES);
  return new SimulatedError(`the work failed: ${errorClass}`, errorClass);
}
