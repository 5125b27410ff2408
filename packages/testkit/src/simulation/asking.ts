/**
 * Owns how a caller asks for a lease: what he says, and what the pool is told of it.
 * It must never know what he gets.
 */
import type { Priority, UseOptions } from '@cryo/pool-core';
import type { SeededRandom } from '@cryo/resilience/testing';
import type { CountedAbort } from '../platform.ts';

/** How a caller asks. */
export interface Ask {
  readonly timeoutMs?: number;
  /** From now, in ms; below 0: it has passed. */
  readonly deadlineInMs?: number;
  readonly label?: string;
  readonly priority?: Priority;
  readonly signal?: 'none' | 'own' | 'aborted';
}

/** How somebody asks for a lease. */
export function drawAsk(random: SeededRandom): Ask {
  return {
    ...(random.chance(0.3) && { timeoutMs: random.pick([1, 20, 300, 3_000, Number.POSITIVE_INFINITY]) }),
    ...(random.chance(0.15) && { deadlineInMs: random.pick([-1, 0, 10, 400, 5_000]) }),
    ...(random.chance(0.3) && { label: random.pick(['orders', 'reports']) }),
    ...(random.chance(0.3) && { priority: random.pick(['high', 'normal', 'low'] as const) }),
    signal: random.chance(0.3) ? (random.chance(0.05) ? 'aborted' : 'own') : 'none',
  };
}

/** How long he waits at most, in ms, in a pool that lets whoever says nothing wait for `otherwiseMs`. */
export function patienceMs({ timeoutMs, deadlineInMs = Number.POSITIVE_INFINITY }: Ask, otherwiseMs: number): number {
  return Math.max(0, Math.min(timeoutMs ?? otherwiseMs, deadlineInMs));
}

/** What the pool is told. Who has nothing to say says nothing: that is a way of its own through the pool. */
export function optionsOf(
  { timeoutMs, deadlineInMs, label, priority }: Ask,
  now: number,
  abort: CountedAbort | undefined,
): UseOptions | undefined {
  const deadline = deadlineInMs === undefined ? undefined : now + deadlineInMs;
  const said = Object.entries({ timeoutMs, deadline, label, priority, signal: abort?.signal });
  const options = said.filter(([, value]) => value !== undefined);
  return options.length === 0 ? undefined : Object.fromEntries(options);
}
