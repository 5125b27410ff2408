/**
 * Owns what most tests of the pool begin with: a pool over a simulated driver, on a clock that moves only when told.
 * It must never hold an expectation.
 */
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import type { PoolOptions } from '../src/options.ts';
import { createPool, type Pool } from '../src/pool.ts';
import type { SimulatedConnection } from '../src/testing/ground-truth.ts';
import { type SimulatedDriver, simulatedDriver } from '../src/testing/simulated-driver.ts';
import type { ServerBehaviour, SimulatedServer } from '../src/testing/simulated-server.ts';

export interface Rig extends SimulatedDriver {
  readonly clock: VirtualClock;
  readonly pool: Pool<SimulatedConnection>;
}

type RigOptions = Omit<Partial<PoolOptions<SimulatedConnection>>, 'driver'> & {
  readonly behaviour?: ServerBehaviour;
  readonly resets?: boolean;
  /** Prepares the server before the pool makes its first dial. */
  readonly prepare?: (server: SimulatedServer) => void;
};

/** A pool named `orders`; nothing happens until the clock is advanced. Dials, checks and closes take 1 ms by default. */
export function createRig({ behaviour = {}, resets = false, prepare, ...options }: RigOptions = {}): Rig {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const simulated = simulatedDriver({ clock, timers: clock, random, behaviour, resets });
  prepare?.(simulated.server);
  const pool = createPool({ name: 'orders', clock, timers: clock, random, ...options, driver: simulated.driver });
  return { ...simulated, clock, pool };
}

/** The error that a promise rejects with; fails when it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error & { readonly code: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { readonly code: string };
  }
  throw new Error('it did not reject');
}
