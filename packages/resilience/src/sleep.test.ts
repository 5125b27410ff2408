import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AbortedError } from './errors.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

describe('sleep', () => {
  it('resolves once its time is up, and not before', async () => {
    const clock = new VirtualClock();
    let awake = false;
    const slept = sleep(100, clock, undefined).then(() => {
      awake = true;
    });
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    await slept;
    expect(awake).toBe(true);
  });

  it('keeps the process alive: somebody waits for it', () => {
    const clock = new VirtualClock();
    void sleep(100, clock, undefined);
    expect(clock.pending('foreground')).toBe(1);
  });

  it('is cut short by an abort, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const slept = sleep(100, clock, controller.signal);
    controller.abort('enough');
    await expect(slept).rejects.toThrow(AbortedError);
    await expect(slept).rejects.toMatchObject({ cause: 'enough' });
    expect(clock.pending()).toBe(0);
  });

  it('does not begin when the signal has aborted already', async () => {
    const clock = new VirtualClock();
    await expect(sleep(100, clock, AbortSignal.abort('before'))).rejects.toMatchObject({ cause: 'before' });
    expect(clock.pending()).toBe(0);
  });

  it('leaves no listener on the signal, whichever way it ends', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const { signal } = controller;
    const woken = sleep(100, clock, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(100);
    await woken;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const cut = sleep(100, clock, signal);
    controller.abort('enough');
    await expect(cut).rejects.toBeInstanceOf(AbortedError);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
