import { describe, expect, it } from 'vitest';
import { FAULTS, parseFaults, planChaos } from './plan.ts';

describe('a list of faults', () => {
  it('is read by name, and all means every one', () => {
    expect(parseFaults('slow, kill')).toEqual({ faults: ['slow', 'kill'], unknown: [] });
    expect(parseFaults('all').faults).toEqual(FAULTS);
  });

  it('tells the names that are none', () => {
    expect(parseFaults('kill,fire')).toEqual({ faults: ['kill'], unknown: ['fire'] });
    expect(parseFaults('').unknown).toEqual(['']);
  });
});

describe('the window of chaos', () => {
  const unsaid = { atMs: undefined, forMs: undefined };

  it('is three seconds in the middle of the run', () => {
    expect(planChaos(['kill'], { durationMs: 15_000, ...unsaid })).toMatchObject({ atMs: 6_000, forMs: 3_000 });
  });

  it('takes at most half of a short run', () => {
    expect(planChaos(['kill'], { durationMs: 4_000, ...unsaid })).toMatchObject({ atMs: 1_000, forMs: 2_000 });
  });

  it('comes ten seconds into an endless run', () => {
    expect(planChaos(['kill'], { durationMs: Infinity, ...unsaid })).toMatchObject({ atMs: 10_000, forMs: 3_000 });
  });

  it('follows what is said of it', () => {
    expect(planChaos(['slow'], { durationMs: 10_000, atMs: 2_000, forMs: 500 })).toEqual({
      faults: ['slow'],
      atMs: 2_000,
      forMs: 500,
    });
  });
});
