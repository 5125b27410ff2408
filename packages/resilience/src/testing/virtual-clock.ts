/**
 * Owns time in tests and simulations: a clock that moves only when told, and the timers that fire as it moves.
 * Must never know what runs on it, nor wait for real time to pass.
 */
import { assert } from '../assert.ts';
import type { Clock } from '../clock.ts';
import { CryoError } from '../errors.ts';
import { checkOptions, faultsOf, range, throwFaults } from '../option-rules.ts';
import { type HeapEntry, TimerHeap } from '../timer-heap.ts';
import { systemTimers, type Timer, type Timers } from '../timers.ts';

/** How a virtual clock begins. */
export interface VirtualClockOptions {
  /** The first reading of `now()`, in ms. Default 0. */
  readonly startMs?: number;
  /** The first reading of `wallNow()`, in ms since 1970. Default 2026-01-01T00:00:00Z. */
  readonly wallStartMs?: number;
}

const WALL_START_MS = Date.UTC(2026, 0, 1);
const READING = range({ unit: 'ms' });
const RULES = { startMs: READING, wallStartMs: READING };
const DURATION = range({ min: 0, unit: 'ms' });
const MOST_CALLBACKS_AT_ONE_INSTANT = 250_000;

/**
 * A {@link Clock} and {@link Timers} in one, on which time passes only through the methods below.
 *
 * Order. One callback runs at a time: first whatever timer is due, by due time, ties in the order in which they were set;
 * once no timer is due at the present instant, the callbacks of `afterInput`; and only then does time move on, to the next
 * timer. That is the order of a real event loop: timers, input, then what was put off until after input.
 *
 * Promises. `advance`, `step` and `runUntilIdle` give way for a whole turn of the real event loop before the first
 * callback and after every one, so a chain of promises of any length has run to its end before the next callback, and
 * before they resolve. Only what waits for real input or a real timer has not. `stepNow` gives way to nothing: a simulator
 * that takes millions of steps calls `stepNow()` and `await settle()` itself, at one turn a step.
 *
 * Faults. What a callback throws is thrown by the call that ran it; the clock stays usable and other timers stay set.
 */
export class VirtualClock implements Clock, Timers {
  readonly #timers = new TimerHeap<VirtualTimer>();
  readonly #cancelled = (timer: VirtualTimer): void => this.#takeOut(timer);
  #now: number;
  #wallAheadMs: number;
  #timersSet = 0;
  #foreground = 0;
  #afterInput: (() => void)[] = [];
  #afterInputNow: (() => void)[] = [];
  #callbacksAtThisInstant = 0;
  #driver: string | undefined;

  /** @throws InvalidOptionsError listing every fault */
  constructor(options: VirtualClockOptions = {}) {
    const defaults = { startMs: 0, wallStartMs: WALL_START_MS };
    const { startMs, wallStartMs } = checkOptions('VirtualClock', options, RULES, [], defaults);
    this.#now = startMs;
    this.#wallAheadMs = wallStartMs - startMs;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now + this.#wallAheadMs;
  }

  set(delayMs: number, run: () => void, { background }: { readonly background: boolean }): Timer {
    assert(!Number.isNaN(delayMs), 'a timer needs a delay in milliseconds, not NaN');
    const dueMs = this.#now + Math.max(0, delayMs);
    const timer = new VirtualTimer(dueMs, this.#timersSet++, run, background, this.#cancelled);
    if (dueMs === Infinity) return timer;
    this.#timers.add(timer);
    if (!background) this.#foreground++;
    return timer;
  }

  afterInput(run: () => void): void {
    this.#afterInput.push(run);
  }

  /** How many timers are set, all or those of one kind. Timers of Infinity and `afterInput` callbacks do not count. */
  pending(kind?: 'foreground' | 'background'): number {
    if (kind === 'foreground') return this.#foreground;
    return kind === 'background' ? this.#timers.size - this.#foreground : this.#timers.size;
  }

  /** When the next timer is due, on the axis of `now()`; Infinity when none is set. */
  nextDueMs(): number {
    return this.#timers.first?.dueMs ?? Infinity;
  }

  /** Lets `ms` pass and runs what falls due on the way; with 0, what is due already. */
  async advance(ms: number): Promise<void> {
    requireDuration('advance', ms);
    const untilMs = this.#now + ms;
    await this.#drive('advance()', () => this.#runNext(untilMs));
    this.#moveTo(untilMs);
  }

  /** Runs the next callback, moving time to it. False when nothing is set. */
  async step(): Promise<boolean> {
    let ran = false;
    await this.#drive('step()', () => {
      if (ran) return false;
      ran = this.#runNext(Infinity);
      return ran;
    });
    return ran;
  }

  /** Like `step`, synchronously: no promise moves. Follow it with `settle()` where promises matter. */
  stepNow(): boolean {
    this.#begin('stepNow()');
    try {
      return this.#runNext(Infinity);
    } finally {
      this.#driver = undefined;
    }
  }

  /** Lets every promise chain that needs nothing but microtasks run to its end. No time passes, no callback runs. */
  settle(): Promise<void> {
    return new Promise(giveWay);
  }

  /**
   * Runs until no foreground timer is set, background timers on the way included: until a process would end.
   *
   * @throws CryoError with code NOT_IDLE when that takes more than `limitMs` of virtual time
   */
  async runUntilIdle(limitMs: number): Promise<void> {
    requireDuration('runUntilIdle', limitMs);
    const untilMs = this.#now + limitMs;
    await this.#drive('runUntilIdle()', () => !this.#isIdle() && this.#runNext(untilMs));
    if (this.#isIdle()) return;
    const next = `the next timer is due at ${this.nextDueMs()} ms, now is ${this.#now} ms`;
    throw new CryoError('NOT_IDLE', `${this.#foreground} foreground timers are still set after ${limitMs} ms: ${next}`);
  }

  /** Blocks the event loop: time passes and nothing runs. What fell due meanwhile runs late, at the next opportunity. */
  stall(ms: number): void {
    requireDuration('stall', ms);
    this.#moveTo(this.#now + ms);
  }

  /** Suspends the machine: wall time passes, monotonic time and timers do not. */
  freeze(ms: number): void {
    requireDuration('freeze', ms);
    this.#wallAheadMs += ms;
  }

  async #drive(driver: string, runNext: () => boolean): Promise<void> {
    this.#begin(driver);
    try {
      do await this.settle();
      while (runNext());
    } finally {
      this.#driver = undefined;
    }
  }

  #begin(driver: string): void {
    if (this.#driver === undefined) this.#driver = driver;
    else throw new CryoError('ALREADY_DRIVEN', `${driver} was called while ${this.#driver} moves the clock: await it`);
  }

  #isIdle(): boolean {
    return this.#foreground === 0 && this.#afterInput.length === 0 && this.#afterInputNow.length === 0;
  }

  #runNext(untilMs: number): boolean {
    const run = this.#afterInputNow.shift() ?? this.#takeDue(this.#now) ?? this.#letInputIn() ?? this.#takeDue(untilMs);
    if (run === undefined) return false;
    this.#callbacksAtThisInstant++;
    if (this.#callbacksAtThisInstant > MOST_CALLBACKS_AT_ONE_INSTANT) {
      throw new CryoError(
        'TIME_STANDS_STILL',
        `Callbacks keep setting timers that are due at once, at ${this.#now} ms`,
      );
    }
    run();
    return true;
  }

  #takeDue(untilMs: number): (() => void) | undefined {
    const timer = this.#timers.first;
    if (timer === undefined || timer.dueMs > untilMs) return undefined;
    this.#takeOut(timer);
    this.#moveTo(timer.dueMs);
    return timer.run;
  }

  #letInputIn(): (() => void) | undefined {
    [this.#afterInputNow, this.#afterInput] = [this.#afterInput, this.#afterInputNow];
    return this.#afterInputNow.shift();
  }

  #takeOut(timer: VirtualTimer): void {
    if (this.#timers.remove(timer) && !timer.background) this.#foreground--;
  }

  #moveTo(ms: number): void {
    if (ms <= this.#now) return;
    this.#now = ms;
    this.#callbacksAtThisInstant = 0;
  }
}

class VirtualTimer implements Timer, HeapEntry {
  position = -1;
  readonly dueMs: number;
  readonly sequence: number;
  readonly run: () => void;
  readonly background: boolean;
  readonly #cancelled: (timer: VirtualTimer) => void;

  constructor(
    dueMs: number,
    sequence: number,
    run: () => void,
    background: boolean,
    cancelled: (timer: VirtualTimer) => void,
  ) {
    this.dueMs = dueMs;
    this.sequence = sequence;
    this.run = run;
    this.background = background;
    this.#cancelled = cancelled;
  }

  cancel(): void {
    this.#cancelled(this);
  }
}

function giveWay(resume: () => void): void {
  systemTimers.afterInput(resume);
}

function requireDuration(method: string, ms: number): void {
  throwFaults(`VirtualClock.${method}()`, faultsOf(DURATION, 'ms', ms));
}
