import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from './errors.ts';
import { guardTimers } from './stall-guard.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import type { Timers } from './timers.ts';

const FOREGROUND = { background: false };

function guarded({ lateMs }: { readonly lateMs?: number } = {}) {
  const clock = new VirtualClock();
  const stalls: number[] = [];
  const log: string[] = [];
  const timers = guardTimers({ clock, timers: clock, lateMs, stalled: (late) => stalls.push(late) });
  return { clock, timers, stalls, log };
}

describe('guardTimers', () => {
  it('runs a callback that is on time at once', async () => {
    const { clock, timers, stalls, log } = guarded();
    timers.set(100, () => log.push(`ran at ${clock.now()}`), FOREGROUND);
    await clock.advance(100);
    expect(log).toEqual(['ran at 100']);
    expect(stalls).toEqual([]);
  });

  it('lets waiting input in before a callback that is late', async () => {
    const { clock, timers, stalls, log } = guarded();
    timers.set(100, () => log.push('timeout'), FOREGROUND);
    clock.stall(300);
    clock.afterInput(() => log.push('input'));
    await clock.advance(0);
    expect(log).toEqual(['input', 'timeout']);
    expect(stalls).toEqual([200]);
  });

  it('does not call a delay of up to lateMs a stall', async () => {
    const { clock, timers, stalls, log } = guarded();
    timers.set(100, () => log.push('timeout'), FOREGROUND);
    clock.stall(120);
    clock.afterInput(() => log.push('input'));
    await clock.advance(0);
    expect(log).toEqual(['timeout', 'input']);
    expect(stalls).toEqual([]);
  });

  it('takes lateMs as an option', async () => {
    const { clock, timers, stalls } = guarded({ lateMs: 0 });
    timers.set(100, () => {}, FOREGROUND);
    clock.stall(101);
    await clock.advance(0);
    expect(stalls).toEqual([1]);
  });

  it('tells one stall once, however many timers it made late, and keeps them in order', async () => {
    const { clock, timers, stalls, log } = guarded();
    for (const delayMs of [100, 150, 290, 200]) timers.set(delayMs, () => log.push(`${delayMs}`), FOREGROUND);
    clock.stall(300);
    await clock.advance(0);
    expect(log).toEqual(['100', '150', '200', '290']);
    expect(stalls).toEqual([200]);
  });

  it('tells a second stall again', async () => {
    const { clock, timers, stalls } = guarded();
    timers.set(100, () => {}, FOREGROUND);
    clock.stall(150);
    await clock.advance(0);
    timers.set(100, () => {}, FOREGROUND);
    clock.stall(200);
    await clock.advance(0);
    expect(stalls).toEqual([50, 100]);
  });

  it('can be cancelled before its timer fires, and between that and the callback', async () => {
    const { clock, timers, log } = guarded();
    const early = timers.set(100, () => log.push('early'), FOREGROUND);
    early.cancel();
    expect(clock.pending()).toBe(0);
    const late = timers.set(100, () => log.push('late'), FOREGROUND);
    clock.stall(300);
    clock.afterInput(() => late.cancel());
    await clock.advance(0);
    expect(log).toEqual([]);
  });

  it('runs a callback once, and forgives a cancel after it', async () => {
    const { clock, timers, log } = guarded();
    const timer = timers.set(10, () => log.push('ran'), FOREGROUND);
    await clock.advance(10);
    timer.cancel();
    await clock.advance(100);
    expect(log).toEqual(['ran']);
  });

  it('runs the callbacks behind one that throws', async () => {
    const { clock, timers, log } = guarded();
    timers.set(100, () => thrown('first'), FOREGROUND);
    timers.set(110, () => log.push('second'), FOREGROUND);
    clock.stall(300);
    await expect(clock.advance(0)).rejects.toThrow('first');
    await clock.advance(0);
    expect(log).toEqual(['second']);
  });

  it('runs the callback although the one told of the stall throws', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const timers = guardTimers({ clock, timers: clock, stalled: () => thrown('no ears') });
    timers.set(100, () => log.push('ran'), FOREGROUND);
    clock.stall(300);
    await expect(clock.advance(0)).rejects.toThrow('no ears');
    await clock.advance(0);
    expect(log).toEqual(['ran']);
  });

  it('never fires what is set for Infinity', async () => {
    const { clock, timers, log } = guarded();
    timers.set(Infinity, () => log.push('ran'), FOREGROUND);
    await clock.advance(1e12);
    expect(log).toEqual([]);
  });

  it('hands background and afterInput through', () => {
    const calls: unknown[] = [];
    const plain: Timers = {
      set: (delayMs, _run, options) => {
        calls.push([delayMs, options]);
        return { cancel() {} };
      },
      afterInput: () => calls.push('afterInput'),
    };
    const timers = guardTimers({ clock: new VirtualClock(), timers: plain, stalled: () => {} });
    timers.set(5, () => {}, { background: true });
    timers.afterInput(() => {});
    expect(calls).toEqual([[5, { background: true }], 'afterInput']);
  });

  it('refuses a lateMs that is no duration', () => {
    const clock = new VirtualClock();
    const make = (lateMs: number) => () => guardTimers({ clock, timers: clock, lateMs, stalled: () => {} });
    for (const lateMs of [-1, Number.NaN, Infinity]) expect(make(lateMs)).toThrow(InvalidOptionsError);
  });
});

function thrown(message: string): never {
  throw new Error(message);
}
