import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionError } from '../assert.ts';
import { seededRandom } from './seeded-random.ts';

function draws(seed: number, count = 8): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
}

/** sfc32 as its author gives it, in arithmetic that cannot overflow. */
function referenceSfc32(state: [bigint, bigint, bigint, bigint], rounds: number): number {
  const mask = 0xffffffffn;
  let [a, b, c, counter] = state;
  let drawn = 0n;
  for (let round = 0; round < rounds; round++) {
    drawn = (a + b + counter) & mask;
    counter = (counter + 1n) & mask;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = ((((c << 21n) | (c >> 11n)) & mask) + drawn) & mask;
  }
  return Number(drawn) / 2 ** 32;
}

function referenceSplitmix32(state: bigint): bigint {
  const mask = 0xffffffffn;
  let mixed = (state + 0x9e3779b9n) & mask;
  mixed = ((mixed ^ (mixed >> 16n)) * 0x21f0aaadn) & mask;
  mixed = ((mixed ^ (mixed >> 15n)) * 0x735a2d97n) & mask;
  return mixed ^ (mixed >> 15n);
}

describe('A seeded source', () => {
  test('gives the same draws for the same seed, for ever: a failing seed in a bug report must replay.', () => {
    expect(draws(1, 3)).toEqual([0.09471886977553368, 0.7151651009917259, 0.39355073287151754]);
    expect(draws(42, 3)).toEqual([0.9060073138680309, 0.014357589418068528, 0.3749082067515701]);
  });

  test('is sfc32 seeded by splitmix32, by an independent reckoning.', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 20 }), (seed, nth) => {
        const [low, high] = new Uint32Array(Float64Array.of(seed + 0).buffer);
        const a = referenceSplitmix32(BigInt(low as number));
        const b = referenceSplitmix32(BigInt(high as number));
        const c = referenceSplitmix32(a ^ b);
        expect(draws(seed, nth).at(-1)).toBe(referenceSfc32([a, b, c, 1n], 15 + nth));
      }),
    );
  });

  test('gives different draws for different seeds, however near or far they are.', () => {
    const seeds = [0, 1, 2, 3, -1, 0.1, 0.2, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, Number.MAX_VALUE, Number.MIN_VALUE];
    expect(new Set(seeds.map((seed) => draws(seed, 3).join())).size).toBe(seeds.length);
  });

  test('takes 0 and -0 for the same seed, and refuses what is no number.', () => {
    expect(draws(-0)).toEqual(draws(0));
    for (const seed of [Number.NaN, Infinity, -Infinity]) expect(() => seededRandom(seed)).toThrow(AssertionError);
  });

  test('draws evenly: no hundredth of [0, 1) is rare or frequent over a hundred neighbouring seeds.', () => {
    const histogram = new Array<number>(100).fill(0);
    for (let seed = 0; seed < 100; seed++) {
      for (const draw of draws(seed, 1_000)) {
        const slot = Math.floor(draw * 100);
        histogram[slot] = (histogram[slot] ?? 0) + 1;
      }
    }
    expect(histogram).toHaveLength(100);
    for (const count of histogram) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1_150);
    }
  });

  test('draws evenly across seeds too: the first draws of neighbouring seeds are not alike.', () => {
    const firsts = Array.from({ length: 10_000 }, (_, seed) => draws(seed, 1)[0] as number);
    const mean = firsts.reduce((sum, draw) => sum + draw, 0) / firsts.length;
    const below = firsts.filter((draw) => draw < 0.1).length;
    expect(mean).toBeGreaterThan(0.49);
    expect(mean).toBeLessThan(0.51);
    expect(below).toBeGreaterThan(900);
    expect(below).toBeLessThan(1_100);
  });
});

describe('Its helpers', () => {
  test('draw integers between two bounds, both included, each about as often.', () => {
    const random = seededRandom(7);
    const seen = new Map<number, number>();
    for (let draw = 0; draw < 6_000; draw++) {
      const die = random.integer(1, 6);
      seen.set(die, (seen.get(die) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Math.min(...seen.values())).toBeGreaterThan(880);
  });

  test('draw the one integer there is.', () => {
    expect(seededRandom(1).integer(-3, -3)).toBe(-3);
  });

  test('pick every element of a list sooner or later, and none from an empty one.', () => {
    const random = seededRandom(3);
    const picked = new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])));
    expect(picked).toEqual(new Set(['a', 'b', 'c']));
    expect(() => random.pick([])).toThrow(AssertionError);
  });

  test('say yes with the probability asked for: never at 0, always at 1.', () => {
    const random = seededRandom(11);
    const yes = (p: number) => Array.from({ length: 2_000 }, () => random.chance(p)).filter(Boolean).length;
    expect([yes(0), yes(1)]).toEqual([0, 2_000]);
    expect(Math.abs(yes(0.25) - 500)).toBeLessThan(80);
  });

  test('refuse bounds that are no integers or the wrong way round.', () => {
    const random = seededRandom(1);
    for (const [min, max] of [
      [2, 1],
      [0.5, 1],
      [0, Number.NaN],
    ] as const) {
      expect(() => random.integer(min, max)).toThrow(AssertionError);
    }
  });

  test('fork a source of its own: drawing from it moves the first by nothing more than the fork.', () => {
    const one = seededRandom(5);
    const other = seededRandom(5);
    const fork = one.fork();
    other.fork();
    for (let draw = 0; draw < 50; draw++) fork();
    expect(Array.from({ length: 5 }, one)).toEqual(Array.from({ length: 5 }, other));
    expect(fork()).not.toBe(one());
  });
});
