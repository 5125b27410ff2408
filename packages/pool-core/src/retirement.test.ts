import { describe, expect, it } from 'vitest';
import { drawExpiryMs, earliestEndMs } from './retirement.ts';

const retirement = { maxLifetimeMs: 1_000, idleTimeoutMs: Infinity, maxUses: Infinity, jitter: 0.1 };

describe('a lifetime', () => {
  it('is only ever shortened by its jitter', () => {
    expect(drawExpiryMs(500, retirement, () => 0)).toBe(1_500);
    expect(drawExpiryMs(500, retirement, () => 0.999_999)).toBeCloseTo(1_400, 2);
    expect(earliestEndMs(retirement)).toBe(900);
  });

  it('of any length down to nothing does not make the keeper look without pause', () => {
    expect(earliestEndMs({ ...retirement, jitter: 1 })).toBe(10);
  });

  it('without end has no end, whatever the jitter', () => {
    const endless = { ...retirement, maxLifetimeMs: Infinity, jitter: 1 };
    expect(drawExpiryMs(500, endless, () => 1)).toBe(Infinity);
    expect(earliestEndMs(endless)).toBe(Infinity);
  });
});
