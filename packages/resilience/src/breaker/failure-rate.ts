/**
 * Owns the rule of the failure rate: open when too large a share of the calls fails.
 * Must never know what a failure is, nor how long a call took.
 */
import { checkOptions } from '../option-rules.ts';
import { CallRate, needsOf, RATE_REQUIRED, type RateOptions, rateRules } from './call-rate.ts';
import type { TripRecord, TripRule } from './trip-rule.ts';

/**
 * Opens at a failure that finds at least `minimumCalls` in the window, and at least the share `rate` of them failed. A
 * success never opens, and neutral outcomes are not in the window. Each outcome costs the same whatever the window holds.
 *
 *     failureRate({ rate: 0.5, minimumCalls: 20, windowMs: 10_000 })
 *     failureRate({ rate: 0.5, minimumCalls: 20, windowCalls: 100 })
 *
 * Defaults of others, for comparison: 0.5, 20 and 10 s (Hystrix); 0.5 of 100 calls (resilience4j); 0.1, 100 and 30 s (Polly).
 *
 * @throws InvalidOptionsError listing every fault
 */
export function failureRate(options: RateOptions): TripRule {
  const plan = { options: checkOptions('failureRate', options, rateRules(options), RATE_REQUIRED), deed: 'failed' };
  return { needs: needsOf(plan.options), begin: () => new FailureRate(plan) };
}

class FailureRate extends CallRate implements TripRecord {
  succeeded(now: number): undefined {
    this.good(now);
  }

  failed(now: number): string | undefined {
    return this.bad(now);
  }
}
