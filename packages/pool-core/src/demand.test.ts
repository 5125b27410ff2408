import { describe, expect, it } from 'vitest';
import { MovingMean, unservedDemand } from './demand.ts';

const view = {
  waiting: 0,
  oldestWaitMs: 0,
  busyMs: 0,
  arriving: 0,
  dialing: 0,
  leased: 0,
  returns: 0,
  dialMs: 0,
};

describe('the demand for dials', () => {
  it('is everybody who waits while nothing is leased', () => {
    expect(unservedDemand({ ...view, waiting: 7, dialing: 2 })).toBe(5);
  });

  it('is nobody while leases are too young to tell how long they last', () => {
    expect(unservedDemand({ ...view, waiting: 45, leased: 5, returns: Number.POSITIVE_INFINITY, dialMs: 150 })).toBe(0);
  });

  it('elides dials for a burst of short work: five connections serve 375 leases of 2 ms while one dial of 150 ms runs', () => {
    expect(unservedDemand({ ...view, waiting: 45, leased: 5, returns: 375, dialMs: 150 })).toBe(0);
  });

  it('counts what is being checked or reset both as there soon and by what it serves from then on', () => {
    expect(unservedDemand({ ...view, waiting: 10, arriving: 5, returns: 3, dialMs: 150 })).toBe(2);
  });

  it('is never covered by a part of a connection', () => {
    expect(unservedDemand({ ...view, waiting: 10, leased: 40, returns: 0.9, dialMs: 20 })).toBe(10);
  });

  it('stops hoping for what is not known once somebody has waited for as long as a dial takes', () => {
    const checked = { ...view, waiting: 20, arriving: 1, returns: Number.POSITIVE_INFINITY, dialMs: 20 };
    expect(unservedDemand({ ...checked, oldestWaitMs: 20 })).toBe(0);
    expect(unservedDemand({ ...checked, oldestWaitMs: 21 })).toBe(19);
  });

  it('needs one more for certain once the queue has not been empty for as long as a dial takes', () => {
    const slowDials = { ...view, waiting: 1, leased: 9, returns: 1.1, dialMs: 1_200 };
    expect(unservedDemand({ ...slowDials, busyMs: 1_200 })).toBe(0);
    expect(unservedDemand({ ...slowDials, busyMs: 1_201 })).toBe(1);
    expect(unservedDemand({ ...slowDials, busyMs: 1_201, arriving: 1 })).toBe(0);
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
