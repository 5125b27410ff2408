/**
 * Owns the rule of the slow-call rate: open when too large a share of the calls takes too long.
 * Must never know whether slow calls end well.
 */
import { checkOptions, range } from '../option-rules.ts';
import { CallRate, inWords, RATE_REQUIRED, type RateOptions, type RatePlan, rateRules } from './call-rate.ts';
import type { TripRecord, TripRule } from './trip-rule.ts';

/** What is slow, how large a share of slow calls is too large, and of which calls. */
export type SlowCallRateOptions = RateOptions & {
  /** A call that takes this long or longer is slow, in ms, whether it succeeds or fails. */
  readonly slowMs: number;
};

/**
 * Opens at a slow call that finds at least `minimumCalls` in the window, and at least the share `rate` of them slow. A call
 * is in the window once it has ended, so one that never ends is not; put a timeout inside of the breaker. Neither are
 * neutral outcomes, and those settled by hand without `durationMs`.
 *
 *     slowCallRate({ rate: 0.8, slowMs: 2_000, minimumCalls: 20, windowMs: 10_000 })
 *
 * @throws InvalidOptionsError listing every fault
 */
export function slowCallRate(options: SlowCallRateOptions): TripRule {
  const rules = { slowMs: range({ above: 0, unit: 'ms' }), ...rateRules(options) };
  const settings = checkOptions('slowCallRate', options, rules, ['slowMs', ...RATE_REQUIRED]);
  const { slowMs } = settings;
  const plan = { options: settings, deed: `took ${inWords(slowMs)} or longer` };
  return { needs: 'durations', begin: () => new SlowCallRate(plan, slowMs) };
}

class SlowCallRate extends CallRate implements TripRecord {
  readonly #slowMs: number;

  constructor(plan: RatePlan, slowMs: number) {
    super(plan);
    this.#slowMs = slowMs;
  }

  succeeded(now: number, durationMs: number | undefined): string | undefined {
    if (durationMs === undefined || Number.isNaN(durationMs)) return undefined;
    if (durationMs >= this.#slowMs) return this.bad(now);
    this.good(now);
    return undefined;
  }

  failed(now: number, durationMs: number | undefined): string | undefined {
    return this.succeeded(now, durationMs);
  }
}
