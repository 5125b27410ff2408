import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalGapMs, levelAt, PROFILES, workersAt } from './profiles.ts';

const progress = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe('the shapes of demand', () => {
  it('stay between nothing and the full load at every moment', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROFILES), progress, (profile, at) => {
        expect(levelAt(profile, at)).toBeGreaterThan(0);
        expect(levelAt(profile, at)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('all reach the full load at some moment', () => {
    const moments = Array.from({ length: 1_000 }, (_, index) => index / 1_000);
    for (const profile of PROFILES) {
      expect(Math.max(...moments.map((at) => levelAt(profile, at))), profile).toBe(1);
    }
  });

  it('spike is calm, full, and calm again', () => {
    expect([0, 0.19, 0.2, 0.49, 0.5, 0.99].map((at) => levelAt('spike', at))).toEqual([0.1, 0.1, 1, 1, 0.1, 0.1]);
  });

  it('burst has four bursts with calm between them', () => {
    const levels = Array.from({ length: 16 }, (_, index) => levelAt('burst', index / 16));
    expect(levels.filter((level) => level === 1)).toHaveLength(4);
    expect(levels[0]).toBe(0.1);
    expect(levels.at(-1)).toBe(0.1);
  });

  it('ramp never goes down', () => {
    fc.assert(
      fc.property(progress, progress, (one, other) => {
        expect(levelAt('ramp', Math.min(one, other))).toBeLessThanOrEqual(levelAt('ramp', Math.max(one, other)));
      }),
    );
  });

  it('always leaves one worker at work and never asks for more than there are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROFILES), progress, fc.integer({ min: 1, max: 100 }), (profile, at, workers) => {
        expect(workersAt(profile, at, workers)).toBeGreaterThanOrEqual(1);
        expect(workersAt(profile, at, workers)).toBeLessThanOrEqual(workers);
      }),
    );
  });
});

describe('the arrivals of an open loop', () => {
  it('are never in the past and come at the rate asked for on average', () => {
    const draws = Array.from({ length: 10_000 }, (_, index) => (index + 0.5) / 10_000);
    const gaps = draws.map((draw) => arrivalGapMs(200, draw));
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeCloseTo(5, 1);
  });
});
