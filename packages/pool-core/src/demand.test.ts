import { describe, expect, it } from 'vitest';
import { MovingMean, unservedDemand } from './demand.ts';

const view = {
  waiting: 0,
  oldestWaitMs: 0,
  busyMs: 0,
  arriving: 0,
  dialing: 0,
  leased: 0,
  meanHoldMs: 0,
  meanLeaseAgeMs: 0,
  dialMs: 0,
};

describe('the demand for dials', () => {
  it('is everybody who waits while nothing is leased', () => {
    expect(unservedDemand({ ...view, waiting: 7, dialing: 2 })).toBe(5);
  });

  it('is nobody while leases are too young to tell how long they last', () => {
    expect(unservedDemand({ ...view, waiting: 45, leased: 5, dialMs: 150 })).toBe(0);
  });

  it('elides dials for a burst of short work: five connections serve 375 leases of 2 ms while one dial of 150 ms runs', () => {
    expect(unservedDemand({ ...view, waiting: 45, leased: 5, meanHoldMs: 2, dialMs: 150 })).toBe(0);
  });

  it('elides them just as well when the five connections are being checked first', () => {
    expect(unservedDemand({ ...view, waiting: 50, arriving: 5, meanHoldMs: 2, dialMs: 150 })).toBe(0);
  });

  it('stops hoping for what is not known once somebody has waited for as long as a dial takes', () => {
    expect(unservedDemand({ ...view, waiting: 20, arriving: 1, dialMs: 20, oldestWaitMs: 20 })).toBe(0);
    expect(unservedDemand({ ...view, waiting: 20, arriving: 1, dialMs: 20, oldestWaitMs: 21 })).toBe(19);
  });

  it('dials for long work that will not be back in time', () => {
    expect(unservedDemand({ ...view, waiting: 40, leased: 10, meanHoldMs: 100, dialMs: 20 })).toBe(38);
  });

  it('needs one more for certain once the queue has not been empty for as long as a dial takes', () => {
    const slowDials = { ...view, waiting: 1, leased: 9, meanLeaseAgeMs: 10_000, dialMs: 1_200 };
    expect(unservedDemand({ ...slowDials, busyMs: 1_200 })).toBeLessThanOrEqual(0);
    expect(unservedDemand({ ...slowDials, busyMs: 1_201 })).toBe(1);
    expect(unservedDemand({ ...slowDials, busyMs: 1_201, arriving: 1 })).toBe(0);
  });

  it('believes the leases in force when they have outlived the mean', () => {
    const stuck = { ...view, waiting: 1, leased: 1, meanHoldMs: 2, meanLeaseAgeMs: 10_000, dialMs: 20 };
    expect(unservedDemand(stuck)).toBeGreaterThan(0);
  });
});

describe('a moving mean', () => {
  it('takes the first observation whole and later ones by an eighth', () => {
    const mean = new MovingMean();
    expect(mean.value).toBe(0);
    mean.observe(80);
    expect(mean.value).toBe(80);
    mean.observe(0);
    expect(mean.value).toBe(70);
  });
});
