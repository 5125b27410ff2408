import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantBackoff, exponentialBackoff, type Jitter } from './backoff.ts';
import { InvalidOptionsError } from './errors.ts';
import { seededRandom } from './testing/seeded-random.ts';

const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempt = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 1_000_000 }));
const bounds = fc
  .tuple(fc.double({ min: 0.001, max: 1e6, noNaN: true }), fc.double({ min: 1, max: 1e4, noNaN: true }))
  .map(([initialMs, times]) => ({ initialMs, maxMs: initialMs * times }));
const half = () => 0.5;
const factor = fc.double({ min: 1, max: 10, noNaN: true });

/** The guide's formula, in its own seconds, with `uniform(-1, 1)` from one draw. */
function guideDelaySeconds(
  { initialDelay, maxDelay, jitterFactor }: Record<'initialDelay' | 'maxDelay' | 'jitterFactor', number>,
  attempt: number,
  draw: number,
): number {
  const delay = Math.min(initialDelay * 2 ** attempt, maxDelay);
  const uniform = -1 + 2 * draw;
  return Math.max(0.001, delay + delay * jitterFactor * uniform);
}

describe('exponentialBackoff', () => {
  it('doubles from the first wait up to the longest', () => {
    const backoff = exponentialBackoff({ initialMs: 200, maxMs: 10_000, jitter: 'none' });
    const delays = [0, 1, 2, 3, 4, 5, 6, 7].map((attempt) => backoff.delayMs(attempt, undefined, half));
    expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  });

  it('grows by any factor', () => {
    const backoff = exponentialBackoff({ initialMs: 100, maxMs: 1_000, factor: 3, jitter: 'none' });
    expect([0, 1, 2, 3].map((attempt) => backoff.delayMs(attempt, undefined, () => 0))).toEqual([100, 300, 900, 1_000]);
  });

  it('spreads fully unless told otherwise', () => {
    const backoff = exponentialBackoff({ initialMs: 100, maxMs: 1_000 });
    expect(backoff.delayMs(2, undefined, () => 0)).toBe(0);
    expect(backoff.delayMs(2, undefined, () => 0.5)).toBe(200);
  });

  it('equals the formula of the guide for the same draws, to 1e-9', () => {
    fc.assert(
      fc.property(attempt, draw, fc.double({ min: 0, max: 1, noNaN: true }), bounds, (attempt, draw, jitter, ms) => {
        const ours = exponentialBackoff({ ...ms, jitter }).delayMs(attempt, undefined, () => draw);
        const seconds = { initialDelay: ms.initialMs / 1_000, maxDelay: ms.maxMs / 1_000, jitterFactor: jitter };
        const theirs = guideDelaySeconds(seconds, attempt, draw) * 1_000;
        // Where the draw takes nearly all of a long wait away, what is left has the last digit of the whole.
        const lastDigit = 4 * Number.EPSILON * ms.maxMs;
        expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-9 * Math.max(1, theirs) + lastDigit);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never waits less than 1 ms with a factor of jitter', () => {
    const backoff = exponentialBackoff({ initialMs: 0.5, maxMs: 10, jitter: 1 });
    expect(backoff.delayMs(0, undefined, () => 0)).toBe(1);
    expect(backoff.delayMs(4, undefined, () => 0)).toBe(1);
  });

  it('keeps every jitter within its bounds at every attempt up to a million', () => {
    const previous = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(attempt, draw, bounds, factor, previous, (attempt, draw, ms, factor, previousMs) => {
        const nominal = Math.min(ms.initialMs * factor ** attempt, ms.maxMs);
        const delay = (jitter: Jitter) =>
          exponentialBackoff({ ...ms, factor, jitter }).delayMs(attempt, previousMs, () => draw);
        expect(delay('none')).toBe(nominal);
        expectWithin(delay('full'), 0, nominal);
        expectWithin(delay('equal'), nominal / 2, nominal);
        expectWithin(delay('decorrelated'), ms.initialMs, ms.maxMs);
        expectWithin(delay(0.25), Math.max(1, nominal * 0.75), Math.max(1, nominal * 1.25));
      }),
      { numRuns: 2_000 },
    );
  });

  it('spreads decorrelated waits up to three times the wait before', () => {
    const backoff = exponentialBackoff({ initialMs: 100, maxMs: 2_000, jitter: 'decorrelated' });
    const almostOne = () => 1 - Number.EPSILON;
    expect(backoff.delayMs(0, undefined, almostOne)).toBeCloseTo(300);
    expect(backoff.delayMs(1, 300, almostOne)).toBeCloseTo(900);
    expect(backoff.delayMs(2, 900, almostOne)).toBeCloseTo(2_000);
    expect(backoff.delayMs(3, 2_000, () => 0)).toBe(100);
  });

  it('gives clients different waits at the cap, whatever the jitter', () => {
    for (const jitter of ['full', 'equal', 'decorrelated', 0.1] as const) {
      const random = seededRandom(1);
      const backoff = exponentialBackoff({ initialMs: 100, maxMs: 1_000, jitter });
      const waits = new Set(Array.from({ length: 1_000 }, () => backoff.delayMs(20, 1_000, random)));
      expect(waits.size).toBeGreaterThan(990);
    }
  });

  it('is a value: the same arguments give the same answer', () => {
    const backoff = exponentialBackoff({ initialMs: 100, maxMs: 1_000, jitter: 'equal' });
    const ask = () => backoff.delayMs(3, 200, () => 0.25);
    expect(ask()).toBe(ask());
  });

  it('names every fault of its options at once', () => {
    const make = () => exponentialBackoff({ initialMs: 0, maxMs: Number.NaN, factor: 0.5, jitter: 2 });
    expect(make).toThrow(InvalidOptionsError);
    expect(faultPaths(make)).toEqual(['initialMs', 'maxMs', 'factor', 'jitter']);
  });

  it('refuses a longest wait that is shorter than the first, infinite waits, and jitters it does not know', () => {
    expect(faultPaths(() => exponentialBackoff({ initialMs: 100, maxMs: 50 }))).toEqual(['maxMs']);
    expect(faultPaths(() => exponentialBackoff({ initialMs: 100, maxMs: Infinity }))).toEqual(['maxMs']);
    const unknown = 'half' as Jitter;
    expect(faultPaths(() => exponentialBackoff({ initialMs: 1, maxMs: 2, jitter: unknown }))).toEqual(['jitter']);
  });
});

describe('constantBackoff', () => {
  it('waits the same before every retry', () => {
    const backoff = constantBackoff({ delayMs: 250 });
    for (const attempt of [0, 1, 1_000_000]) expect(backoff.delayMs(attempt, undefined, half)).toBe(250);
  });

  it('can be spread', () => {
    const delay = (jitter: Exclude<Jitter, 'decorrelated'>) =>
      constantBackoff({ delayMs: 200, jitter }).delayMs(5, undefined, () => 0.75);
    expect([delay('full'), delay('equal'), delay(0.1)]).toEqual([150, 175, 210]);
  });

  it('may be no wait at all', () => {
    expect(constantBackoff({ delayMs: 0 }).delayMs(0, undefined, half)).toBe(0);
  });

  it('names every fault of its options at once', () => {
    const jitter = 'decorrelated' as 'none';
    expect(faultPaths(() => constantBackoff({ delayMs: -1, jitter }))).toEqual(['delayMs', 'jitter']);
  });
});

function expectWithin(value: number, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low * (1 - 1e-12));
  expect(value).toBeLessThanOrEqual(high * (1 + 1e-12));
}

function faultPaths(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}
