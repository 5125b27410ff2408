/**
 * Owns how much may be spent on second attempts: a bucket of tokens that time and success refill.
 * Must never know what an attempt is, nor who makes it.
 */
import { type Clock, systemClock } from './clock.ts';
import type { PolicyMeter } from './metrics/policy-metrics.ts';
import type { Registry } from './metrics/registry.ts';
import { checkOptions, must, peek, range } from './option-rules.ts';
import { CLOCK, REGISTRY } from './parts.ts';

/** Options of a retry budget. */
export interface RetryBudgetOptions {
  /** Appears in metrics. Default `'retry-budget'`. */
  readonly name?: string | undefined;
  /** The most tokens there can be, and how many there are at first: the longest burst of retries. Default 100. */
  readonly capacity?: number | undefined;
  /** What each call that ends well puts in: the share of calls that may be retried while things go well. Default 0.2. */
  readonly perSuccess?: number | undefined;
  /** What each second puts in: the floor, which lets a few retries pass however little succeeds. Default 10. */
  readonly perSecond?: number | undefined;
  /** What tells how much `perSecond` has put in. Default `systemClock`. */
  readonly clock?: Clock | undefined;
  /**
   * Where to count: `cryo_retry_budget_*`, with the label `budget`.
   * The name has to be its own there: of two with one name the gauges read the newer alone.
   */
  readonly registry?: Registry | undefined;
}

/** A budget to share: give the same one to every retry, hedge and pool that burdens the same backend. */
export interface TokenBudget {
  /** As in the options: what metrics call it. */
  readonly name: string;
  /** How many tokens there are now. */
  readonly tokens: number;
  /** Takes one token for one more attempt; false when there is none, and then there should be no attempt. */
  tryTake(): boolean;
  /** A call ended well. Told by every policy that has the budget: of two, one inside of the other, give the inner one only `tryTake`. */
  succeeded(): void;
}

/** Sums of decimal fractions come out a little short: ten times 0.1 has to make a whole token. */
const ROUNDING = 1e-9;

/**
 * A budget for retries, so that they cannot multiply the load on a backend that is failing:
 *
 *     taken, in any stretch of time  ≤  capacity + perSuccess × successes + perSecond × seconds
 *
 * In an outage nothing succeeds, and what remains is the floor; once calls succeed again, the bucket refills. The defaults
 * are Finagle's `RetryBudget`: 20 % of the calls, a floor of 10 a second, and the 10 seconds of floor that it can save up;
 * the AWS SDKs come to the same burst (500 tokens at 5 each) and share (1 token back for each success).
 *
 * @throws InvalidOptionsError listing every fault
 */
export function retryBudget(options: RetryBudgetOptions = {}): TokenBudget {
  return new TokenBucket(settingsOf(options));
}

class TokenBucket implements TokenBudget {
  readonly name: string;
  readonly #settings: BudgetSettings;
  readonly #count: PolicyMeter<'retry_budget'> | undefined;
  #tokens: number;
  #refilledAt: number;

  constructor(settings: BudgetSettings) {
    const { name, capacity, clock, registry } = settings;
    this.name = name;
    this.#settings = settings;
    this.#tokens = capacity;
    this.#refilledAt = clock.now();
    this.#count = registry?.policyMeter('retry_budget', name, { tokens: () => this.tokens });
  }

  get tokens(): number {
    const { clock, perSecond } = this.#settings;
    const now = clock.now();
    const elapsedMs = now - this.#refilledAt;
    if (elapsedMs > 0) {
      this.#refilledAt = now;
      this.#add((elapsedMs / 1_000) * perSecond);
    }
    return this.#tokens;
  }

  tryTake(): boolean {
    const isThere = this.tokens >= 1 - ROUNDING;
    if (isThere) this.#tokens = Math.max(0, this.#tokens - 1);
    this.#count?.(isThere ? 'withdrawals' : 'rejections');
    return isThere;
  }

  /** Reads no clock: what time has put in since the last taking may as well be added after this. */
  succeeded(): void {
    this.#add(this.#settings.perSuccess);
  }

  #add(tokens: number): void {
    this.#tokens = Math.min(this.#settings.capacity, this.#tokens + tokens);
  }
}

const TOKENS = range({ min: 0, unit: 'tokens' });

/** Without either nothing would ever refill the budget. */
const PER_SECOND_ALONE = must(
  (value) => value !== 0,
  'a number above 0, unless perSuccess is: nothing would ever refill the budget',
);

type BudgetSettings = ReturnType<typeof settingsOf>;

function settingsOf(options: RetryBudgetOptions) {
  const { perSuccess, perSecond } = peek<RetryBudgetOptions>(options, 'perSuccess', 'perSecond');
  const rules = {
    name: 'string',
    capacity: range({ min: 1, unit: 'tokens' }),
    perSuccess: TOKENS,
    perSecond: perSuccess === 0 && perSecond === 0 ? PER_SECOND_ALONE : TOKENS,
    clock: CLOCK,
    registry: REGISTRY,
  } as const;
  const defaults = { name: 'retry-budget', capacity: 100, perSuccess: 0.2, perSecond: 10, clock: systemClock };
  return checkOptions('retryBudget', options, rules, [], defaults);
}
