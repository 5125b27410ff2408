/**
 * Owns waiting: the type that everything delayed takes as a parameter, and the real timers.
 * Must never know what it wakes, nor read a clock.
 */
import { assert } from './assert.ts';

/** A wake-up that was set. Cancelling it after it ran, or twice, changes nothing. */
export interface Timer {
  /** It will not run any more, unless it has run already. */
  cancel(): void;
}

/** Sets wake-ups. */
export interface Timers {
  /**
   * Runs `run` once, about `delayMs` from now: never before this turn of the event loop has ended, possibly late, and up
   * to 1 ms early by {@link Clock.now}, so whoever keeps a deadline reads the clock again. A negative delay is 0; Infinity
   * never fires. A background timer does not keep the process alive, where the platform allows.
   */
  set(delayMs: number, run: () => void, options: { readonly background: boolean }): Timer;
  /** Runs `run` once input that has already arrived has been let in: a late timer's way to judge fairly. */
  afterInput(run: () => void): void;
}

/** The slice of the platform that the real timers can use; whatever is missing is done without. */
export interface TimersPlatform {
  readonly setTimeout: (run: () => void, delayMs: number) => unknown;
  readonly clearTimeout: (handle: unknown) => void;
  readonly setImmediate?: (run: () => void) => unknown;
  readonly MessageChannel?: new () => { readonly port1: MessageEnd; readonly port2: MessageEnd };
  readonly Deno?: { unrefTimer?(handle: unknown): void };
}

interface MessageEnd {
  onmessage: unknown;
  postMessage(message: null): void;
  close(): void;
}

const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** What waits in the foreground and lets no input in: as much of {@link Timers} as most need. */
export interface Delays {
  set(delayMs: number, run: () => void, options: { readonly background: false }): Timer;
}

/**
 * The real timers. Delays beyond the platform's 2^31 − 1 ms, which would fire at once, are waited in parts. A bundle has
 * `afterInput` only with who uses it: hence the notes for bundlers, and hence {@link systemDelays}.
 */
export const systemTimers: Timers = /* @__PURE__ */ createTimers(globalThis as object as TimersPlatform);

/** The real timers where nobody waits for input. */
export const systemDelays: Delays = /* @__PURE__ */ createDelays(globalThis as object as TimersPlatform);

/** The timers of a platform. Its functions are looked up once, so that replacing them later changes nothing here. */
export function createTimers(platform: TimersPlatform): Timers {
  return { ...createDelays(platform, releaseBy(platform)), afterInput: chooseAfterInput(platform) };
}

/** @param release lets the process end although a timer is set */
function createDelays(
  { setTimeout, clearTimeout }: TimersPlatform,
  release?: (handle: TimerHandle) => void,
): Pick<Timers, 'set'> {
  return {
    set(delayMs, run, { background }) {
      assert(!Number.isNaN(delayMs), 'a timer needs a delay in milliseconds, not NaN');
      let handle: TimerHandle;
      const wait = (restMs: number): void => {
        const next = restMs > LONGEST_DELAY_MS ? () => wait(restMs - LONGEST_DELAY_MS) : run;
        handle = setTimeout(next, Math.min(LONGEST_DELAY_MS, Math.max(0, Math.ceil(restMs)))) as TimerHandle;
        if (background) release?.(handle);
      };
      if (delayMs !== Infinity) wait(delayMs);
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

/** A number in browsers and Deno, an object in Node and Bun. */
type TimerHandle = { unref?(): void } | undefined;

function releaseBy({ Deno }: TimersPlatform): (handle: TimerHandle) => void {
  return (handle) => (handle?.unref ? handle.unref() : Deno?.unrefTimer?.(handle));
}

function chooseAfterInput({ setImmediate, MessageChannel, setTimeout }: TimersPlatform): (run: () => void) => void {
  if (setImmediate !== undefined) return (run) => void setImmediate(run);
  if (MessageChannel === undefined) return (run) => void setTimeout(run, 0);
  return (run) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      run();
    };
    port2.postMessage(null);
  };
}
