/**
 * Owns what a refused caller is told: the error, and how long to wait.
 * Must never know who asks, nor change anything.
 */
import type { Clock } from '../clock.ts';
import { BreakerOpenError } from '../errors.ts';
import type { BreakerSettings } from './options.ts';
import type { Ramp } from './ramp.ts';
import type { BreakerState, OpenState, ProbeLease } from './state.ts';

/** The error for a caller that got no permit in this state. A closed breaker has no reason to give one. */
export function refusalOf(
  breaker: string,
  state: BreakerState,
  ramp: Ramp | undefined,
  clock: Pick<Clock, 'now'>,
): BreakerOpenError {
  if (ramp !== undefined) {
    const { cause } = ramp.line.after;
    return new BreakerOpenError({ breaker, state: 'recovering', retryAfterMs: ramp.waitMs(clock.now()), cause });
  }
  switch (state.name) {
    case 'isolated':
      return new BreakerOpenError({ breaker, state: 'isolated', cause: state.isolations.at(-1)?.reason });
    case 'half-open':
      // A probe under way may end at any moment, so asking again may help at once.
      return new BreakerOpenError({ breaker, state: 'half-open', retryAfterMs: 0, cause: state.after.cause });
    case 'open':
      return openRefusal(breaker, state, clock.now());
    default:
      return new BreakerOpenError({ breaker, state: 'open', retryAfterMs: 0 });
  }
}

function openRefusal(breaker: string, { until, cause }: OpenState, now: number): BreakerOpenError {
  const retryAfterMs = until === Infinity ? undefined : Math.max(0, until - now);
  return new BreakerOpenError({ breaker, state: 'open', retryAfterMs, cause });
}

/** The refusal that an open breaker gives as long as its time is not over. */
export function refusalWhileOpen(state: BreakerState, settings: BreakerSettings): BreakerOpenError | undefined {
  if (state.name !== 'open' || settings.dryRun) return undefined;
  const now = settings.clock.now();
  return now < state.until ? openRefusal(settings.name, state, now) : undefined;
}

/** Why a caller gets no permit in this state, in words. */
export function reasonOf(state: BreakerState, probes: number): string {
  switch (state.name) {
    case 'closed':
      return state.ramp === undefined
        ? 'no reason: it is closed'
        : `it recovers from this opening: ${state.ramp.after.reason}`;
    case 'open':
      return state.reason;
    case 'half-open':
      return `${state.leases.length} of ${probes} probes ${probes === 1 ? 'is' : 'are'} under way after this opening: ${state.after.reason}`;
    default:
      return `it was isolated by hand: ${state.isolations.map(({ reason }) => reason).join(', ')}`;
  }
}

/** In how many ms a permit will be given if nothing happens before; undefined when one would be given now. */
export function waitOf(
  state: BreakerState,
  ramp: Ramp | undefined,
  { clock, probes }: Pick<BreakerSettings, 'clock' | 'probes'>,
): number | undefined {
  if (state.name === 'closed') return ramp?.waitMs(clock.now()) || undefined;
  if (state.name === 'isolated') return Infinity;
  const freeAt = state.name === 'open' ? state.until : placeFreeAt(state.leases, probes);
  const waitMs = freeAt - clock.now();
  return waitMs > 0 ? waitMs : undefined;
}

function placeFreeAt(leases: readonly ProbeLease[], probes: number): number {
  return leases.length < probes ? -Infinity : Math.min(...leases.map(({ expiresAt }) => expiresAt));
}
