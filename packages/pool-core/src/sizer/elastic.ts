/**
 * Owns the sizer that follows the use of the pool: more connections while most are leased, fewer while few are.
 * It must never know how connections are opened or closed, nor read a clock.
 */
import { OptionCheck } from '@cryo/resilience';
import { numbersOf, readGroup, readNumbers } from '../option-group.ts';
import type { SizeBounds } from '../snapshot.ts';
import type { SizeBaseline, Sizer, SizerFactory, SizerView } from './sizer.ts';

/**
 * Thresholds are shares of `max`, taken as the time-weighted mean of leased / max over the window. The defaults are the
 * founding guide's (its section 2.2); window and cool-downs are what makes "consistently" mean something.
 */
export interface ElasticOptions {
  /** Grow above this share. Default 0.7. */
  readonly growAbove?: number;
  /** Shrink below this share. Default 0.3. */
  readonly shrinkBelow?: number;
  /** Default 5,000 ms. */
  readonly windowMs?: number;
  /** Least time from any change to a growth. Default 5,000 ms. */
  readonly growCooldownMs?: number;
  /** Least time from any change to a shrink. Default 30,000 ms. */
  readonly shrinkCooldownMs?: number;
  /** Connections per growth. Default `{ max: 5, min: 2 }`; `min` never passes half of `max` by growing. */
  readonly growBy?: Partial<SizeBounds>;
  /** Connections per shrink. Default `{ max: 5, min: 1 }`. */
  readonly shrinkBy?: Partial<SizeBounds>;
  /** Where shrinking ends, or at the caller's own bounds where those are lower. Default `{ max: 10, min: 2 }`. */
  readonly floor?: Partial<SizeBounds>;
}

type Policy = Readonly<Record<keyof typeof NUMBERS, number>> & {
  readonly growBy: SizeBounds;
  readonly shrinkBy: SizeBounds;
  readonly floor: SizeBounds;
};

const CONNECTIONS = { min: 0, max: 100_000, integer: true, unit: 'connections' };
const NUMBERS = {
  growAbove: { initial: 0.7, min: 0, max: 1, unit: 'of max' },
  shrinkBelow: { initial: 0.3, min: 0, max: 1, unit: 'of max' },
  windowMs: { initial: 5_000, above: 0, max: 3_600_000, unit: 'ms' },
  growCooldownMs: { initial: 5_000, min: 0, unit: 'ms' },
  shrinkCooldownMs: { initial: 30_000, min: 0, unit: 'ms' },
};
const GROW_BY = { max: { ...CONNECTIONS, initial: 5 }, min: { ...CONNECTIONS, initial: 2 } };
const SHRINK_BY = { max: { ...CONNECTIONS, initial: 5 }, min: { ...CONNECTIONS, initial: 1 } };
const FLOOR = { max: { ...CONNECTIONS, initial: 10, min: 1 }, min: { ...CONNECTIONS, initial: 2 } };

/**
 * A sizer that grows up to `size.absoluteMax` and shrinks toward a floor; no leased connection is ever disturbed by it.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function elastic(options: ElasticOptions = {}): SizerFactory {
  const policy = parse(options);
  return { name: 'elastic', start: (baseline) => new ElasticSizer(policy, baseline) };
}

/** Time-integrals at one moment, in connection-milliseconds. */
interface Sample {
  readonly atMs: number;
  readonly leasedTimeMs: number;
  readonly capacityTimeMs: number;
}

class ElasticSizer implements Sizer {
  readonly #policy: Policy;
  #floor: SizeBounds;
  /** Oldest first; the first is the newest one that is at least a window old, once there is one. */
  readonly #samples: Sample[] = [];
  /** When the bounds changed last; `undefined`: since the last plan. At the start nothing has changed yet. */
  #changedAtMs: number | undefined = Number.NEGATIVE_INFINITY;

  constructor(policy: Policy, baseline: SizeBaseline) {
    this.#policy = policy;
    this.#floor = lowerOf(policy.floor, baseline);
  }

  rebase(bounds: SizeBounds): void {
    this.#floor = lowerOf(this.#policy.floor, bounds);
    this.#samples.length = 0;
    this.#changedAtMs = undefined;
  }

  plan({ snapshot, growthAllowed }: SizerView): SizeBounds | undefined {
    const { atMs, size } = snapshot;
    this.#changedAtMs ??= atMs;
    if (!showsDemand(snapshot)) {
      this.#samples.length = 0;
      return undefined;
    }
    const utilization = this.#observe(snapshot);
    if (utilization === undefined) return undefined;
    const settledMs = atMs - this.#changedAtMs;
    const { growAbove, shrinkBelow, growCooldownMs, shrinkCooldownMs } = this.#policy;
    let plan: SizeBounds = size;
    if (utilization > growAbove && growthAllowed && settledMs >= growCooldownMs) {
      plan = grown(size, this.#policy.growBy);
    } else if (utilization < shrinkBelow && settledMs >= shrinkCooldownMs) {
      plan = shrunk(size, this.#policy.shrinkBy, this.#floor);
    }
    if (plan.max === size.max && plan.min === size.min) return undefined;
    this.#changedAtMs = atMs;
    return plan;
  }

  /** The share of `max` that was leased over the window; `undefined` until a whole window has been seen. */
  #observe({ atMs, leasedTimeMs, size }: SizerView['snapshot']): number | undefined {
    const samples = this.#samples;
    const last = samples.at(-1);
    const capacityTimeMs = last === undefined ? 0 : last.capacityTimeMs + size.max * (atMs - last.atMs);
    samples.push({ atMs, leasedTimeMs, capacityTimeMs });
    const since = atMs - this.#policy.windowMs;
    const firstWithin = samples.findIndex((sample) => sample.atMs > since);
    if (firstWithin > 1) samples.splice(0, firstWithin - 1);
    const first = samples[0];
    if (first === undefined || first.atMs > since) return undefined;
    const capacity = capacityTimeMs - first.capacityTimeMs;
    return capacity > 0 ? (leasedTimeMs - first.leasedTimeMs) / capacity : undefined;
  }
}

/** While the server is away or the pool is held, few leases say nothing about how many are wanted. */
function showsDemand({ state, breaker }: SizerView['snapshot']): boolean {
  return state === 'open' && (breaker.state === 'closed' || breaker.state === 'off');
}

function grown(size: SizeBaseline, by: SizeBounds): SizeBounds {
  if (size.max >= size.absoluteMax) return size;
  const max = Math.min(size.max + by.max, size.absoluteMax);
  return { max, min: Math.max(size.min, Math.min(size.min + by.min, Math.floor(max / 2))) };
}

/** `max` waits for `min`: ready connections are given up one step at a time. */
function shrunk(size: SizeBounds, by: SizeBounds, floor: SizeBounds): SizeBounds {
  const min = toward(size.min, by.min, floor.min);
  return { min, max: Math.max(min, toward(size.max, by.max, floor.max)) };
}

function toward(value: number, step: number, floor: number): number {
  return Math.min(value, Math.max(value - step, floor));
}

function lowerOf(floor: SizeBounds, bounds: SizeBounds): SizeBounds {
  return { min: Math.min(floor.min, bounds.min), max: Math.min(floor.max, bounds.max) };
}

function parse(options: ElasticOptions): Policy {
  const check = new OptionCheck('elastic');
  const group = readGroup(check, '', options, [...Object.keys(NUMBERS), 'growBy', 'shrinkBy', 'floor']);
  const policy: Policy = {
    ...numbersOf(check, '', group, NUMBERS),
    growBy: readNumbers(check, 'growBy', group.growBy, GROW_BY),
    shrinkBy: readNumbers(check, 'shrinkBy', group.shrinkBy, SHRINK_BY),
    floor: readNumbers(check, 'floor', group.floor, FLOOR),
  };
  if (policy.shrinkBelow >= policy.growAbove) {
    check.fault('shrinkBelow', policy.shrinkBelow, `a share of max less than growAbove, ${policy.growAbove}`);
  }
  if (policy.floor.min > policy.floor.max) {
    check.fault('floor.min', policy.floor.min, `at most floor.max, ${policy.floor.max} connections`);
  }
  check.throwIfFaulty();
  return policy;
}
