/**
 * Owns what a refused caller is told: the error, the reason, and how long to wait.
 * Must never know who asks, nor change a state.
 */
import { BreakerOpenError, carefully } from '../errors.ts';
import type { BreakerSettings } from './options.ts';
import { type BreakerState, openingOf, type Pace } from './state.ts';

/**
 * The error for a caller that got no permit in this state. A closed breaker has no reason to give one.
 *
 * @param like one given before, while the breaker was open
 */
export function refusalOf(
  breaker: string,
  state: BreakerState,
  pace: Pace | undefined,
  now: number,
  like?: BreakerOpenError,
): BreakerOpenError {
  const waitMs = waitOf(state, pace, now);
  const details = {
    breaker,
    state: state.name !== 'closed' ? state.name : pace ? 'recovering' : 'open',
    retryAfterMs: waitMs === Infinity ? undefined : waitMs,
    cause: state.name === 'isolated' ? state.isolations.at(-1)?.reason : openingOf(state)?.cause,
  } as const;
  return new BreakerOpenError(details, like);
}

/** How long the last refusal of an open breaker stands, and its texts. */
interface LastRefusal {
  readonly like: BreakerOpenError;
  end(): undefined;
}

/** The refusal that an open breaker gives as long as its time is not over, with a look at nothing else; then the last one ends. */
export function refusalWhileOpen(
  state: BreakerState,
  { name: breaker, clock, dryRun }: Pick<BreakerSettings, 'name' | 'clock' | 'dryRun'>,
  last: LastRefusal | undefined,
): BreakerOpenError | undefined {
  if (state.name !== 'open' || dryRun) return undefined;
  const { until, cause } = state;
  const now = clock.now();
  if (!(now < until)) return last?.end();
  const retryAfterMs = until === Infinity ? undefined : until - now;
  return new BreakerOpenError({ breaker, state: 'open', retryAfterMs, cause }, last?.like);
}

/** Why a caller gets no permit in this state, in words. */
export function reasonOf(state: BreakerState): string {
  return state.name === 'isolated'
    ? state.isolations.map(({ reason }) => carefully(() => String(reason), '')).join(', ')
    : (openingOf(state)?.reason ?? '');
}

/**
 * In how many ms a permit will be given if nothing happens before; 0 when one would be given now. Without a number of probes a
 * half-open breaker answers 0 too: one that is under way may end at any moment, so asking again may help at once.
 */
export function waitOf(state: BreakerState, pace: Pace | undefined, now: number, probes = Infinity): number {
  switch (state.name) {
    case 'closed':
      return pace?.waitMs(now) ?? 0;
    case 'open':
      return Math.max(0, state.until - now);
    case 'half-open':
      return state.leases.length < probes
        ? 0
        : Math.max(0, Math.min(...state.leases.map(({ expiresAt }) => expiresAt)) - now);
    default:
      return Infinity;
  }
}
