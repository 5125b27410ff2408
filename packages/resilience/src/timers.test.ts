import { describe, expect, test, vi } from 'vitest';
import { AssertionError } from './assert.ts';
import { createTimers, systemTimers, type TimersPlatform } from './timers.ts';

/** A platform whose timers fire by hand and remember what they were asked. */
function fakePlatform(additions: Partial<TimersPlatform> = {}) {
  const armed: { run: () => void; delayMs: number; unrefs: number; cleared: boolean }[] = [];
  const platform: TimersPlatform = {
    setTimeout(run, delayMs) {
      const handle = { run, delayMs, unrefs: 0, cleared: false, unref: () => handle.unrefs++ };
      armed.push(handle);
      return handle;
    },
    clearTimeout(handle) {
      for (const each of armed) if (each === handle) each.cleared = true;
    },
    ...additions,
  };
  return { platform, armed, fire: (index: number) => armed[index]?.run() };
}

const FOREGROUND = { background: false };
const BACKGROUND = { background: true };

describe('A delay', () => {
  test.each([
    [0, 0],
    [1, 1],
    [0.2, 1],
    [10.000001, 11],
    [-5, 0],
    [-Infinity, 0],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ])('of %d ms asks the platform for %d ms: rounded up, never early by a fraction.', (delayMs, asked) => {
    const { platform, armed } = fakePlatform();
    createTimers(platform).set(delayMs, () => {}, FOREGROUND);
    expect(armed.map((handle) => handle.delayMs)).toEqual([asked]);
  });

  test('beyond what the platform can wait is waited in parts, and runs once at the end.', () => {
    const { platform, armed, fire } = fakePlatform();
    const run = vi.fn();
    createTimers(platform).set(2 * (2 ** 31 - 1) + 50, run, BACKGROUND);
    fire(0);
    fire(1);
    expect(run).not.toHaveBeenCalled();
    fire(2);
    expect(run).toHaveBeenCalledTimes(1);
    expect(armed.map((handle) => handle.delayMs)).toEqual([2 ** 31 - 1, 2 ** 31 - 1, 50]);
    expect(armed.every((handle) => handle.unrefs === 1)).toBe(true);
  });

  test('of Infinity never asks the platform for anything, and can be cancelled.', () => {
    const { platform, armed } = fakePlatform();
    createTimers(platform)
      .set(Infinity, () => {}, FOREGROUND)
      .cancel();
    expect(armed).toEqual([]);
  });

  test('of NaN is a bug and says so.', () => {
    expect(() => createTimers(fakePlatform().platform).set(Number.NaN, () => {}, FOREGROUND)).toThrow(AssertionError);
  });
});

describe('Cancelling', () => {
  test('clears what is armed now, also in a later part of a long delay.', () => {
    const { platform, armed, fire } = fakePlatform();
    const timer = createTimers(platform).set(2 ** 31 + 50, () => {}, FOREGROUND);
    fire(0);
    timer.cancel();
    expect(armed.map((handle) => handle.cleared)).toEqual([false, true]);
  });

  test('keeps a real timer from running, and may be repeated.', async () => {
    const run = vi.fn();
    const timer = systemTimers.set(0, run, FOREGROUND);
    timer.cancel();
    timer.cancel();
    await new Promise<void>((resolve) => systemTimers.set(0, resolve, FOREGROUND));
    expect(run).not.toHaveBeenCalled();
  });
});

describe('A background timer', () => {
  test('is released from keeping the process alive, a foreground timer is not.', () => {
    const { platform, armed } = fakePlatform();
    const timers = createTimers(platform);
    timers.set(10, () => {}, FOREGROUND);
    timers.set(10, () => {}, BACKGROUND);
    expect(armed.map((handle) => handle.unrefs)).toEqual([0, 1]);
  });

  test('is released through Deno where a timer is only a number.', () => {
    const unrefTimer = vi.fn();
    const { platform } = fakePlatform({ setTimeout: () => 7, Deno: { unrefTimer } });
    createTimers(platform).set(10, () => {}, BACKGROUND);
    expect(unrefTimer).toHaveBeenCalledWith(7);
  });

  test('is an ordinary timer where the platform has no way to release it, as in browsers.', () => {
    const { platform } = fakePlatform({ setTimeout: () => 7 });
    expect(() => createTimers(platform).set(10, () => {}, BACKGROUND)).not.toThrow();
  });

  test('really does not hold the real event loop.', () => {
    let handle: NodeJS.Timeout | undefined;
    const timers = createTimers({
      setTimeout: (run, delayMs) => {
        handle = setTimeout(run, delayMs);
        return handle;
      },
      clearTimeout: () => clearTimeout(handle),
    });
    const timer = timers.set(1_000, () => {}, BACKGROUND);
    expect(handle?.hasRef()).toBe(false);
    timer.cancel();
  });
});

describe('After input', () => {
  test('is an immediate where there are immediates.', () => {
    const setImmediate = vi.fn();
    const { platform } = fakePlatform({ setImmediate });
    const run = () => {};
    createTimers(platform).afterInput(run);
    expect(setImmediate).toHaveBeenCalledWith(run);
  });

  test('is a message to itself where there are none, and the channel is closed behind it.', async () => {
    const closed = vi.fn();
    const RealChannel = (globalThis as object as Required<TimersPlatform>).MessageChannel;
    class Channel extends RealChannel {
      constructor() {
        super();
        const close = this.port1.close.bind(this.port1);
        this.port1.close = () => {
          closed();
          close();
        };
      }
    }
    const timers = createTimers(fakePlatform({ MessageChannel: Channel }).platform);
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      timers.afterInput(() => {
        order.push('message');
        resolve();
      });
      order.push('synchronous');
      queueMicrotask(() => order.push('microtask'));
    });
    expect(closed).toHaveBeenCalledTimes(1);
    expect(order).toEqual(['synchronous', 'microtask', 'message']);
  });

  test('is a timer of zero where there is neither.', () => {
    const { platform, armed } = fakePlatform();
    createTimers(platform).afterInput(() => {});
    expect(armed.map((handle) => handle.delayMs)).toEqual([0]);
  });

  test('comes after the promises that are ready, on the real platform.', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      systemTimers.afterInput(() => {
        order.push('after input');
        resolve();
      });
      void Promise.resolve().then(() => order.push('promise'));
    });
    expect(order).toEqual(['promise', 'after input']);
  });
});
