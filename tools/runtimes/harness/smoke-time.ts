/**
 * Owns the short checks of real time: the clock, timers in the foreground and in the background, input after a stall.
 * It must never know on which runtime it runs: what a platform lacks, it does without, as the package does.
 */
import { guardTimers, systemClock, systemRandom, systemTimers, timeout } from '@cryo/resilience';
import assert from './assert.ts';

const FOREGROUND = { background: false };

/** Resolves after `delayMs` of real time. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => void systemTimers.set(delayMs, resolve, FOREGROUND));
}

/** Keeps the thread busy. */
function stall(durationMs: number): void {
  const until = systemClock.now() + durationMs;
  while (systemClock.now() < until);
}

export const timeChecks: Readonly<Record<string, () => Promise<void>>> = {
  async 'the clock never goes back, and advances with the time'() {
    const startMs = systemClock.now();
    let last = startMs;
    for (let reading = 0; reading < 10_000; reading += 1) {
      const now = systemClock.now();
      assert(now >= last, 'went back');
      last = now;
    }
    await pause(30);
    assert(systemClock.now() - startMs >= 29, 'stood still');
    assert(Math.abs(systemClock.wallNow() - Date.now()) < 1_000, 'the wall clock is another one');
  },

  async 'chance lies from 0 to 1'() {
    const drawn = Array.from({ length: 1_000 }, systemRandom);
    assert(drawn.every((one) => one >= 0 && one < 1) && new Set(drawn).size > 900, 'drawn badly');
  },

  async 'timers fire in order of their delays, and not once they are cancelled'() {
    const fired: string[] = [];
    systemTimers.set(40, () => fired.push('second'), FOREGROUND);
    systemTimers.set(1, () => fired.push('first'), FOREGROUND);
    systemTimers.set(5, () => fired.push('cancelled'), FOREGROUND).cancel();
    systemTimers.set(Infinity, () => fired.push('never'), FOREGROUND);
    systemTimers.set(2 ** 31, () => fired.push('in 25 days'), { background: true });
    assert.deepEqual(fired, []);
    await pause(120);
    assert.deepEqual(fired, ['first', 'second']);
  },

  async 'a background timer fires while something else goes on'() {
    let fired = 0;
    systemTimers.set(10, () => (fired += 1), { background: true });
    await pause(100);
    assert.equal(fired, 1);
  },

  async 'afterInput runs what it is given, later and once'() {
    const order: string[] = [];
    const ran = new Promise<void>((resolve) => {
      systemTimers.afterInput(() => {
        order.push('after input');
        resolve();
      });
    });
    await Promise.resolve().then(() => order.push('microtask'));
    await ran;
    await pause(20);
    assert.deepEqual(order, ['microtask', 'after input']);
  },

  async 'a timer that fires late after a stall lets input in that has been waiting'() {
    const order: string[] = [];
    const stalls: number[] = [];
    const timers = guardTimers({
      clock: systemClock,
      timers: systemTimers,
      stalled: (lateMs) => stalls.push(lateMs),
    });
    const input = await openInput();
    const late = new Promise<void>((resolve) => {
      const run = (): void => {
        order.push('timeout');
        resolve();
      };
      timers.set(10, run, FOREGROUND);
    });
    input(() => order.push('input'));
    stall(80);
    await late;
    assert.deepEqual(order, ['input', 'timeout']);
    assert(stalls.length === 1 && (stalls[0] ?? 0) > 20, 'the stall was told once');
  },

  async 'an answer that arrived during a stall is not thrown away for a timeout'() {
    const input = await openInput();
    const answer = timeout({ ms: 20 }).execute(() => {
      const arrived = new Promise<string>((resolve) => input(() => resolve('answer')));
      stall(80);
      return arrived;
    });
    assert.equal(await answer, 'answer');
  },
};

/** Checks for runtimes with processes: each is judged by the process's ending well, and in time. */
export const endingChecks: Readonly<Record<string, () => Promise<void>>> = {
  async 'a background timer keeps no process alive'() {
    const timer = systemTimers.set(3_600_000, () => {}, { background: true });
    assert.equal(typeof timer.cancel, 'function');
  },

  async 'a timeout that was not needed lets the process end'() {
    assert.equal(await timeout({ ms: 3_600_000 }).execute(() => 'at once'), 'at once');
  },
};

/** A way for something to arrive from outside. It has been used before, for the first message of a program takes its time. */
async function openInput(): Promise<(arrived: () => void) => void> {
  const { MessageChannel } = globalThis as Partial<typeof globalThis>;
  // Where there are no channels, a timer that is due already has to do.
  if (MessageChannel === undefined) return (arrived) => void systemTimers.set(0, arrived, FOREGROUND);
  const { port1, port2 } = new MessageChannel();
  let next = (): void => {};
  port1.addEventListener('message', () => next());
  port1.start();
  const send = (arrived: () => void): void => {
    next = arrived;
    port2.postMessage(undefined);
  };
  await new Promise<void>(send);
  return (arrived) =>
    send(() => {
      port1.close();
      arrived();
    });
}
