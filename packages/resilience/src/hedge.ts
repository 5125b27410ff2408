/**
 * Owns the beginning of a second try beside a slow one, and that the first to succeed wins.
 * Must never know what is tried, nor try again what has failed: that is a retry's business.
 */
import { TIME_RULES, type TimeOptions } from './alarms.ts';
import type { Boundary, Frame } from './frame.ts';
import { type HedgeDelay, QuantileDelay } from './hedge-delay.ts';
import { type HedgeKeeper, Race } from './hedge-race.ts';
import type { ListenerFailed } from './hooks.ts';
import { LastingAlarms } from './lasting-alarms.ts';
import type { PolicyMeter } from './metrics/policy-metrics.ts';
import type { Registry } from './metrics/registry.ts';
import { checkOptions, must, never, type OptionRules, peek, range, type Settings } from './option-rules.ts';
import { BUDGET, REGISTRY } from './parts.ts';
import { Pipeline, type Policy } from './policy.ts';
import type { RetryBudget } from './retry-options.ts';
import { mayTake, refill } from './spending.ts';

/** Options of a hedge: either a fixed delay, or a quantile of what is measured. */
export interface HedgeOptions extends TimeOptions {
  /** After how long, in ms, another try begins beside those under way. */
  readonly delayMs?: number | undefined;
  /**
   * The delay is what this share of the recent tries did not exceed: with 0.95 about one call in twenty is tried twice.
   * Only calls that end well are measured: the try that won, and each that is given up for it, with the time it had taken.
   */
  readonly quantile?: number | undefined;
  /** With a quantile: how many tries are measured before any call is hedged. Default 100. */
  readonly minimumCalls?: number | undefined;
  /** Most tries of one call, the first included. Default 2. */
  readonly attempts?: number | undefined;
  /** What further tries may spend; the same one may be given to retries. */
  readonly budget?: RetryBudget | undefined;
  /** Appears in metrics. Default `'hedge'`. */
  readonly name?: string | undefined;
  /** Where to count calls and further tries: `cryo_hedge_*`, with the label `hedge`. */
  readonly registry?: Registry | undefined;
  /** Told when the budget throws, or answers what it may not. */
  readonly listenerFailed?: ListenerFailed | undefined;
}

/** Begins another try beside a slow one. */
export interface Hedge extends Policy {
  /** As in the options: what metrics call it. */
  readonly name: string;
  /** The present delay in ms; Infinity while there are too few measurements for one. */
  readonly delayMs: number;
}

/**
 * A policy that cuts the tail off how long calls take: when a try is slow another one begins, the first result wins, and the
 * signals of the others abort. The work has to bear being done twice. `context.attempt` tells the tries apart, from 0.
 *
 * An error is final only when no other try is under way, and it begins none. How `execute` rejects: with the work's own error
 * when there was one try; with a RetriesExhaustedError, which keeps what each of them failed with, when there were several;
 * with a DeadlineExceededError or an AbortedError, without beginning the work, when the deadline had passed or the caller had
 * aborted before.
 *
 * Source: Dean and Barroso, "The Tail at Scale", Communications of the ACM, 2013.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function hedge(options: HedgeOptions): Hedge {
  const rules = { ...RULES, ...delayRules(peek<HedgeOptions>(options, 'delayMs', 'quantile')) };
  const defaults = { quantile: 1, minimumCalls: 100, attempts: 2, name: 'hedge' };
  return new HedgePolicy(new HedgeBoundary(checkOptions('hedge', options, rules, ['delayMs'], defaults)));
}

type HedgeSettings = Settings<HedgeOptions, { quantile: number; minimumCalls: number; attempts: number; name: string }>;

const RULES: OptionRules = {
  delayMs: range({ min: 0, infinity: true, unit: 'ms' }),
  quantile: range({ above: 0, max: 1, unit: '' }),
  minimumCalls: range({ min: 1, integer: true, unit: 'calls' }),
  attempts: range({ min: 1, integer: true, unit: 'attempts' }),
  budget: BUDGET,
  name: 'string',
  ...TIME_RULES,
  registry: REGISTRY,
  listenerFailed: 'function',
};

/** There has to be one of the two, and only one. */
function delayRules({ delayMs, quantile }: HedgeOptions): OptionRules {
  if (delayMs === undefined) return { delayMs: must(() => quantile !== undefined, 'a delay in ms, or a quantile') };
  return quantile === undefined ? {} : { quantile: never('either a delay or a quantile') };
}

class HedgePolicy extends Pipeline implements Hedge {
  readonly name: string;
  readonly #delay: HedgeDelay;

  constructor(boundary: HedgeBoundary) {
    super([], boundary);
    this.name = boundary.settings.name;
    this.#delay = boundary.delay;
  }

  get delayMs(): number {
    return this.#delay.ms;
  }
}

class HedgeBoundary implements Boundary, HedgeKeeper {
  declare readonly settings: HedgeSettings;
  declare readonly alarms: LastingAlarms;
  declare readonly attempts: number;
  declare readonly delay: HedgeDelay;
  declare readonly count: PolicyMeter<'hedge'> | undefined;

  constructor(settings: HedgeSettings) {
    const { delayMs, quantile, minimumCalls, attempts, name, registry } = settings;
    this.settings = settings;
    this.attempts = attempts;
    this.delay = delayMs === undefined ? new QuantileDelay(quantile, minimumCalls) : { ms: delayMs };
    this.alarms = new LastingAlarms(settings, () => {});
    this.count = registry?.policyMeter('hedge', name, {});
  }

  guard(frame: Frame): Race {
    return new Race(this, frame);
  }

  mayHedge(): boolean {
    const may = mayTake(this.settings);
    if (may) this.count?.('hedges');
    return may;
  }

  succeeded(): void {
    if (this.settings.budget !== undefined) refill(this.settings);
  }
}
