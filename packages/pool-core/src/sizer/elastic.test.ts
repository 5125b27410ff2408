import { InvalidOptionsError } from '@cryo/resilience';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../test/snapshots.ts';
import type { DialBreakerSnapshot, PoolSnapshot, SizeBounds } from '../snapshot.ts';
import { type ElasticOptions, elastic } from './elastic.ts';
import type { SizeBaseline } from './sizer.ts';

interface Second {
  /** The share of `max` that is leased. */
  readonly share: number;
  readonly growthAllowed?: boolean;
  readonly breaker?: DialBreakerSnapshot['state'];
  readonly state?: PoolSnapshot['state'];
  readonly lastsMs?: number;
}

/** A sizer with a pool that follows its plans, told how busy it is second by second. */
function run(baseline: SizeBaseline, options?: ElasticOptions) {
  const sizer = elastic(options).start(baseline);
  let { min, max } = baseline;
  let leasedTimeMs = 0;
  let atMs = 1_000_000;
  const plans: (SizeBounds & { readonly afterMs: number })[] = [];
  function second({ share, growthAllowed = true, breaker = 'closed', state = 'open', lastsMs = 1_000 }: Second): void {
    leasedTimeMs += share * max * lastsMs;
    atMs += lastsMs;
    const size = { min, max, absoluteMax: baseline.absoluteMax };
    const snapshot = snapshotOf({ atMs, leasedTimeMs, size, state, breaker: { state: breaker } });
    const plan = sizer.plan({ snapshot, growthAllowed });
    if (plan === undefined) return;
    plans.push({ ...plan, afterMs: atMs - 1_000_000 });
    ({ min, max } = plan);
  }
  return {
    sizer,
    plans,
    second,
    seconds: (count: number, told: Second) => {
      for (let done = 0; done < count; done++) second(told);
    },
    resize: (bounds: SizeBounds) => {
      ({ min, max } = bounds);
      sizer.rebase(bounds);
    },
    get size() {
      return { min, max };
    },
  };
}

const guide = { min: 3, max: 20, absoluteMax: 50 };

describe('growing', () => {
  it('takes five more once the mean of five seconds is above 0.7, and two more of the minimum', () => {
    const pool = run(guide);
    pool.seconds(5, { share: 0.75 });
    expect(pool.plans).toEqual([]);
    pool.second({ share: 0.75 });
    expect(pool.plans).toEqual([{ min: 5, max: 25, afterMs: 6_000 }]);
  });

  it('waits five seconds before it takes more, up to the absolute maximum and no further', () => {
    const pool = run(guide);
    pool.seconds(60, { share: 1 });
    expect(pool.plans.map(({ max, afterMs }) => [max, afterMs / 1_000])).toEqual([
      [25, 6],
      [30, 11],
      [35, 16],
      [40, 21],
      [45, 26],
      [50, 31],
    ]);
    expect(pool.size).toEqual({ min: 15, max: 50 });
  });

  it('takes what is left below the absolute maximum', () => {
    const pool = run({ min: 3, max: 20, absoluteMax: 22 });
    pool.seconds(30, { share: 1 });
    expect(pool.plans).toMatchObject([{ min: 5, max: 22 }]);
  });

  it('raises the minimum to half of the maximum at most, and never lowers one that is above', () => {
    const half = run({ min: 7, max: 10, absoluteMax: 15 });
    half.seconds(6, { share: 1 });
    expect(half.size).toEqual({ min: 7, max: 15 });
    const below = run({ min: 6, max: 10, absoluteMax: 15 });
    below.seconds(6, { share: 1 });
    expect(below.size).toEqual({ min: 7, max: 15 });
    const above = run({ min: 20, max: 20, absoluteMax: 50 });
    above.seconds(6, { share: 1 });
    expect(above.size).toEqual({ min: 20, max: 25 });
  });

  it('does not follow a peak of one second', () => {
    const pool = run(guide);
    pool.seconds(10, { share: 0.5 });
    pool.second({ share: 1 });
    pool.seconds(10, { share: 0.5 });
    expect(pool.plans).toEqual([]);
  });

  it('counts a short time for as little as it was', () => {
    const pool = run(guide);
    pool.seconds(4, { share: 0.6 });
    for (let look = 0; look < 50; look++) pool.second({ share: 1, lastsMs: 10 });
    pool.seconds(3, { share: 0.6 });
    expect(pool.plans).toEqual([]);
  });

  it('does not happen at exactly the threshold', () => {
    const pool = run(guide, { growAbove: 0.5, shrinkBelow: 0.25 });
    pool.seconds(60, { share: 0.5 });
    pool.seconds(60, { share: 0.25 });
    expect(pool.plans).toEqual([]);
  });

  it('does not happen while growth is not allowed, and does as soon as it is', () => {
    const pool = run(guide);
    pool.seconds(30, { share: 1, growthAllowed: false });
    expect(pool.plans).toEqual([]);
    pool.second({ share: 1 });
    expect(pool.plans).toMatchObject([{ max: 25 }]);
  });

  it('judges use by the maximum of the time: a growth is not followed by another for the busy time before it', () => {
    const pool = run(guide);
    pool.seconds(6, { share: 1 });
    pool.seconds(30, { share: 20 / 25 - 0.2 });
    expect(pool.plans).toHaveLength(1);
  });
});

describe('shrinking', () => {
  it('gives up five and one after thirty seconds without a change, each toward its own floor', () => {
    const pool = run({ min: 4, max: 18, absoluteMax: 50 });
    pool.seconds(200, { share: 0.1 });
    expect(pool.plans).toEqual([
      { min: 3, max: 13, afterMs: 6_000 },
      { min: 2, max: 10, afterMs: 36_000 },
    ]);
  });

  it('goes on for one bound when the other is at its floor', () => {
    const pool = run({ min: 2, max: 21, absoluteMax: 50 });
    pool.seconds(100, { share: 0 });
    expect(pool.size).toEqual({ min: 2, max: 10 });
    const other = run({ min: 5, max: 10, absoluteMax: 50 });
    other.seconds(100, { share: 0 });
    expect(other.size).toEqual({ min: 2, max: 10 });
  });

  it('ends at the configured bounds where those are below the floor, and raises neither', () => {
    const pool = run({ min: 1, max: 8, absoluteMax: 30 });
    pool.seconds(200, { share: 0 });
    expect(pool.plans).toEqual([]);
    pool.seconds(6, { share: 1 });
    expect(pool.size).toEqual({ min: 3, max: 13 });
    pool.seconds(200, { share: 0 });
    expect(pool.size).toEqual({ min: 1, max: 8 });
  });

  it('leaves the maximum at the minimum until the minimum has gone down', () => {
    const pool = run({ min: 14, max: 14, absoluteMax: 50 });
    pool.seconds(7, { share: 0 });
    expect(pool.size).toEqual({ min: 13, max: 13 });
  });

  it('waits thirty seconds after a growth too', () => {
    const pool = run(guide);
    pool.seconds(6, { share: 1 });
    pool.seconds(29, { share: 0 });
    expect(pool.plans).toHaveLength(1);
    pool.second({ share: 0 });
    expect(pool.plans).toMatchObject([{ max: 25 }, { min: 4, max: 20 }]);
  });

  it('still happens while growth is not allowed', () => {
    const pool = run(guide);
    pool.seconds(6, { share: 0, growthAllowed: false });
    expect(pool.size).toEqual({ min: 2, max: 15 });
  });

  it('does not follow from an outage: who cannot be served says nothing about demand', () => {
    const pool = run(guide);
    pool.seconds(120, { share: 0, breaker: 'open' });
    pool.seconds(120, { share: 0, breaker: 'half-open' });
    pool.seconds(120, { share: 0, state: 'suspended' });
    pool.seconds(5, { share: 0.5 });
    expect(pool.plans).toEqual([]);
  });

  it('happens without a breaker as with a closed one', () => {
    const pool = run(guide);
    pool.seconds(6, { share: 0, breaker: 'off' });
    expect(pool.size).toEqual({ min: 2, max: 15 });
  });
});

describe('a resize by the caller', () => {
  it('is a change: nothing is judged by the time before it, and cool-downs begin', () => {
    const pool = run(guide);
    pool.seconds(5, { share: 0 });
    pool.resize({ min: 4, max: 40 });
    pool.seconds(30, { share: 0 });
    expect(pool.plans).toEqual([]);
    pool.second({ share: 0 });
    expect(pool.size).toEqual({ min: 3, max: 35 });
  });

  it('sets the floor where it is below the usual one, and takes it back where it is above', () => {
    const pool = run(guide);
    pool.resize({ min: 1, max: 6 });
    pool.seconds(200, { share: 0 });
    expect(pool.size).toEqual({ min: 1, max: 6 });
    pool.resize({ min: 3, max: 20 });
    pool.seconds(200, { share: 0 });
    expect(pool.size).toEqual({ min: 2, max: 10 });
  });
});

describe('looks at odd times', () => {
  it('the mean is of the last five seconds, and of none before', () => {
    const pool = run(guide);
    pool.seconds(20, { share: 0.5 });
    pool.seconds(4, { share: 0.75 });
    expect(pool.plans).toEqual([]);
    pool.second({ share: 0.75 });
    expect(pool.plans).toMatchObject([{ max: 25 }]);
  });

  it('bounds that are below the floor, though nobody told of a resize, stay there', () => {
    const sizer = elastic().start(guide);
    for (let atMs = 0; atMs < 60_000; atMs += 1_000) {
      const snapshot = snapshotOf({ atMs, size: { min: 1, max: 6, absoluteMax: 50 } });
      expect(sizer.plan({ snapshot, growthAllowed: true })).toBe(undefined);
    }
  });

  it('a look long after the last one judges by all of the time between', () => {
    const pool = run(guide);
    pool.second({ share: 0.5 });
    pool.second({ share: 1, lastsMs: 60_000 });
    expect(pool.plans).toMatchObject([{ max: 25 }]);
  });

  it('two looks at the same moment change nothing', () => {
    const pool = run(guide);
    pool.seconds(4, { share: 1 });
    for (let look = 0; look < 10; look++) pool.second({ share: 1, lastsMs: 0 });
    expect(pool.plans).toEqual([]);
  });
});

describe('options', () => {
  it('replace the numbers of the guide', () => {
    const pool = run(guide, {
      growAbove: 0.5,
      windowMs: 2_000,
      growCooldownMs: 1_000,
      shrinkCooldownMs: 2_000,
      growBy: { max: 1, min: 0 },
      shrinkBy: { max: 2 },
      floor: { max: 18 },
    });
    pool.seconds(3, { share: 0.6 });
    expect(pool.size).toEqual({ min: 3, max: 21 });
    pool.seconds(20, { share: 0 });
    expect(pool.size).toEqual({ min: 2, max: 18 });
  });

  it('are refused with every fault at once', () => {
    const options = {
      growAbove: 0.2,
      shrinkBelow: 0.3,
      windowMs: 0,
      growBy: { max: -1, minimum: 2 },
      floor: { min: 5, max: 4 },
      shrinkBy: 7,
      speed: 3,
    };
    expect(() => elastic(options as unknown as ElasticOptions)).toThrow(InvalidOptionsError);
    expect(() => elastic(options as unknown as ElasticOptions)).toThrow(
      /speed is 3.*windowMs is 0.*growBy\.minimum is 2.*growBy\.max is -1.*shrinkBy is 7.*shrinkBelow is 0\.3.*floor\.min is 5/,
    );
    expect(() => elastic(null as never)).toThrow(/options is null/);
    expect(() => elastic(5 as never)).toThrow(/options is 5/);
  });
});

describe('whatever the load', () => {
  const seconds = fc.array(
    fc.record({
      share: fc.oneof(fc.constantFrom(0, 0.3, 0.7, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      growthAllowed: fc.boolean(),
      breaker: fc.constantFrom('closed' as const, 'closed' as const, 'open' as const, 'off' as const),
      lastsMs: fc.integer({ min: 0, max: 20_000 }),
      resize: fc.option(fc.tuple(fc.nat(30), fc.nat(30)), { nil: undefined, freq: 20 }),
    }),
    { maxLength: 120 },
  );
  const baselines = fc
    .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 40 }))
    .map(([min, max, room]) => ({ min: Math.min(min, max), max, absoluteMax: max + room }));

  it('bounds agree and stay between floor and absolute maximum, a growth never lowers, a shrink never raises', () => {
    fc.assert(
      fc.property(baselines, seconds, (baseline, told) => {
        const pool = run(baseline);
        let set: SizeBounds = baseline;
        for (const { resize, ...second } of told) {
          if (resize !== undefined) {
            const max = Math.min(Math.max(1, resize[1]), baseline.absoluteMax);
            set = { min: Math.min(resize[0], max), max };
            pool.resize(set);
          }
          const before = pool.size;
          const plansBefore = pool.plans.length;
          pool.second(second);
          const after = pool.size;
          if (pool.plans.length === plansBefore) continue;
          const grew = after.max > before.max;
          expect(after).not.toEqual(before);
          expect(grew ? after.min >= before.min : after.min <= before.min && after.max <= before.max).toBe(true);
          if (grew) expect(second.growthAllowed && second.breaker !== 'open').toBe(true);
          expect(after.min).toBeLessThanOrEqual(after.max);
          expect(after.max).toBeLessThanOrEqual(baseline.absoluteMax);
          expect(after.max).toBeGreaterThanOrEqual(Math.min(10, set.max));
          expect(after.min).toBeGreaterThanOrEqual(Math.min(2, set.min));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('changes keep their distance: a growth five seconds from any change, a shrink thirty', () => {
    fc.assert(
      fc.property(baselines, seconds, (baseline, told) => {
        const pool = run(baseline);
        for (const { resize: _, ...second } of told) pool.second(second);
        let last: (typeof pool.plans)[number] | undefined;
        for (const plan of pool.plans) {
          const apartMs = last === undefined ? Infinity : plan.afterMs - last.afterMs;
          expect(apartMs).toBeGreaterThanOrEqual(plan.max > (last ?? baseline).max ? 5_000 : 30_000);
          last = plan;
        }
      }),
      { numRuns: 500 },
    );
  });
});
