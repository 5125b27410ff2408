import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { FreshRefusal } from './fresh-refusal.ts';

describe('a fresh refusal', () => {
  it('stands for the rest of the synchronous run, and no longer', async () => {
    const refusal = new FreshRefusal(systemClock, 'inventory');
    refusal.madeAt(systemClock.now());
    expect(refusal.stands()).toBe(true);
    await Promise.resolve();
    expect(refusal.stands()).toBe(false);
  });

  it('stands for 63 askings at most, so that a loop which never lets go sees the clock', () => {
    const refusal = new FreshRefusal(systemClock, 'inventory');
    refusal.madeAt(systemClock.now());
    const answers = Array.from({ length: 100 }, () => refusal.stands());
    expect(answers.lastIndexOf(true)).toBe(62);
    expect(answers.slice(0, 63).every(Boolean)).toBe(true);
  });

  it('does not stand before there was one', () => {
    expect(new FreshRefusal(systemClock, 'inventory').stands()).toBe(false);
  });

  it('never stands by a clock that the code which asks may move', () => {
    const refusal = new FreshRefusal(new VirtualClock(), 'inventory');
    refusal.madeAt(0);
    expect(refusal.stands()).toBe(false);
  });

  it('gives the time of its reading in the same run, and reads the clock after it', async () => {
    const refusal = new FreshRefusal(systemClock, 'inventory');
    refusal.madeAt(-7);
    expect(refusal.now()).toBe(-7);
    await Promise.resolve();
    expect(refusal.now()).toBeGreaterThan(0);
  });

  it('is one run for all breakers, whichever of them was asked first', async () => {
    const [one, other] = [new FreshRefusal(systemClock, 'inventory'), new FreshRefusal(systemClock, 'inventory')];
    one.madeAt(1);
    other.madeAt(2);
    expect([one.stands(), other.stands()]).toEqual([true, true]);
    await Promise.resolve();
    expect([one.stands(), other.stands()]).toEqual([false, false]);
  });
});
