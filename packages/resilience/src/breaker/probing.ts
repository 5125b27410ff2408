/**
 * Owns how a caller becomes a probe, and which line a breaker recovers along once probes have closed it.
 * Must never know who calls, nor change a breaker.
 */
import type { BreakerSettings } from './options.ts';
import type { BreakerMove, HalfOpenState, OpenState, Permit, ProbeLease, RampLine } from './state.ts';

/** The move that lends this permit to a probe; undefined while there is no place for one. */
export function moveToProbe(
  state: OpenState | HalfOpenState,
  { probes, leaseMs }: Pick<BreakerSettings, 'probes' | 'leaseMs'>,
  permit: Permit,
  now: number,
): BreakerMove | undefined {
  const lease = { permit, expiresAt: now + leaseMs };
  if (state.name === 'open') return now < state.until ? undefined : { kind: 'probe', since: now, leases: [lease] };
  const others = leasesInForce(state.leases, probes, now);
  return others.length < probes ? { kind: 'lend', since: now, leases: [...others, lease] } : undefined;
}

/** The leases that keep their place when another caller wants one: all while there is room, then those not expired. */
function leasesInForce(leases: readonly ProbeLease[], probes: number, now: number): readonly ProbeLease[] {
  return leases.length < probes ? leases : leases.filter(({ expiresAt }) => expiresAt > now);
}

/** The ramp that begins now, if there is to be one. */
export function rampFromNow({ recovery, clock }: Pick<BreakerSettings, 'recovery' | 'clock'>): RampLine | undefined {
  if (recovery === undefined) return undefined;
  const since = clock.now();
  return { since, until: since + recovery.rampMs, from: recovery.from };
}
