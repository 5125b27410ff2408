import { VirtualClock } from '@cryo/resilience/testing';
import { describe, expect, it } from 'vitest';
import { ThawWatch } from './thaw.ts';

describe('the thaw watch', () => {
  it('sees nothing while both clocks go on', async () => {
    const clock = new VirtualClock();
    const watch = new ThawWatch(clock, 1_000);
    await clock.advance(1_000);
    expect(watch.look()).toBe(0);
  });

  it('takes a blocked event loop of a second for what it is', () => {
    const clock = new VirtualClock();
    const watch = new ThawWatch(clock, 1_000);
    clock.stall(2_000);
    expect(watch.look()).toBe(0);
  });

  it('sees a freeze that stopped the monotonic clock by the wall clock', () => {
    const clock = new VirtualClock();
    const watch = new ThawWatch(clock, 1_000);
    clock.freeze(60_000);
    expect(watch.look()).toBe(60_000);
    expect(watch.look()).toBe(0);
  });

  it('sees a freeze that no clock noticed by the look that came far too late', () => {
    const clock = new VirtualClock();
    const watch = new ThawWatch(clock, 1_000);
    clock.stall(60_000);
    expect(watch.look()).toBe(59_000);
  });
});
