/**
 * Owns waiting: the type that everything delayed takes as a parameter, and the real timers.
 * Must never know what it wakes, nor read a clock.
 */
import { assert } from './assert.ts';

/** A wake-up that was set. Cancelling it after it ran, or twice, changes nothing. */
export interface Timer {
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

const NEVER: Timer = { cancel() {} };

/** The real timers. Delays beyond the platform's 2^31 − 1 ms, which would fire at once, are waited in parts. */
export const systemTimers: Timers = createTimers(globalThis as object as TimersPlatform);

/** The timers of a platform. Its functions are looked up once, so that replacing them later changes nothing here. */
export function createTimers(platform: TimersPlatform): Timers {
  const { setTimeout, clearTimeout, Deno } = platform;
  const arming: Arming = {
    arm(delayMs, run, background) {
      const handle = setTimeout(run, delayMs);
      if (!background) return handle;
      if (canUnref(handle)) handle.unref();
      else Deno?.unrefTimer?.(handle);
      return handle;
    },
    disarm: (handle) => clearTimeout(handle),
  };
  return {
    set(delayMs, run, { background }) {
      assert(!Number.isNaN(delayMs), 'a timer needs a delay in milliseconds, not NaN');
      return delayMs === Infinity ? NEVER : new SystemTimer(arming, delayMs, run, background);
    },
    afterInput: chooseAfterInput(platform),
  };
}

interface Arming {
  arm(delayMs: number, run: () => void, background: boolean): unknown;
  disarm(handle: unknown): void;
}

class SystemTimer implements Timer {
  readonly #arming: Arming;
  readonly #background: boolean;
  readonly #run: () => void;
  #handle: unknown;

  constructor(arming: Arming, delayMs: number, run: () => void, background: boolean) {
    this.#arming = arming;
    this.#background = background;
    this.#run = run;
    this.#wait(delayMs);
  }

  cancel(): void {
    this.#arming.disarm(this.#handle);
  }

  #wait(delayMs: number): void {
    const rest = delayMs - LONGEST_DELAY_MS;
    this.#handle =
      rest > 0
        ? this.#arming.arm(LONGEST_DELAY_MS, () => this.#wait(rest), this.#background)
        : this.#arming.arm(Math.max(0, Math.ceil(delayMs)), this.#run, this.#background);
  }
}

function canUnref(handle: unknown): handle is { unref(): void } {
  return typeof handle === 'object' && handle !== null && 'unref' in handle && typeof handle.unref === 'function';
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
