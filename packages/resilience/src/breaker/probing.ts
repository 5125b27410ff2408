/**
 * Owns how a caller becomes a probe, and what follows from one that has not failed.
 * Must never know who calls, nor change a breaker.
 */
import type { Verdict } from '../outcome.ts';
import { beginRamp } from './judge.ts';
import type { BreakerSettings } from './options.ts';
import type { BreakerMove, BreakerState, HalfOpenState, OpenState, Permit, ProbeLease } from './state.ts';

/** The move that lends this permit to a probe; undefined while there is no place for one. */
export function moveToProbe(
  state: OpenState | HalfOpenState,
  { probes, leaseMs }: Pick<BreakerSettings, 'probes' | 'leaseMs'>,
  permit: Permit,
  now: number,
): BreakerMove | undefined {
  if (state.name === 'open' && now < state.until) return undefined;
  const lease = Object.freeze({ permit, expiresAt: now + leaseMs });
  if (state.name === 'open') return { kind: 'probe', since: now, leases: [lease] };
  const others = leasesInForce(state.leases, probes, now);
  return others.length < probes ? { kind: 'lend', since: now, leases: [...others, lease] } : undefined;
}

/** The leases that keep their place when another caller wants one: while there is no room, all but the oldest that is over. */
function leasesInForce(leases: readonly ProbeLease[], probes: number, now: number): readonly ProbeLease[] {
  const over = leases.length < probes ? undefined : leases.find(({ expiresAt }) => expiresAt <= now);
  return leases.filter((lease) => lease !== over);
}

/** Whether this is the permit of a probe under way. */
export function isLent(state: BreakerState, permit: Permit): boolean {
  return state.name === 'half-open' && state.leases.some((lease) => lease.permit === permit);
}

/** The move that ends a probe which has not failed. What is no verdict says nothing. */
export function moveAfterProbe(permit: Permit, verdict: Verdict, settings: BreakerSettings): BreakerMove {
  if (verdict !== 'success') return { kind: 'return', permit };
  return { kind: 'succeed', permit, needed: settings.successes, line: beginRamp(settings) };
}
