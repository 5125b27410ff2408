/**
 * Owns fairness after a stall: a timer that fires late because the event loop was blocked lets waiting input in first.
 * Must never know what a timer is for.
 */
import type { Clock } from './clock.ts';
import { checkOptions, type OptionRules, range } from './option-rules.ts';
import { CLOCK, TIMERS } from './parts.ts';
import type { Timers } from './timers.ts';

/** A timer is late by chance up to here, in ms; beyond it the event loop was blocked. */
const LATE_MS = 20;

const RULES: OptionRules = {
  clock: CLOCK,
  timers: TIMERS,
  lateMs: range({ min: 0, unit: 'ms' }),
  stalled: 'function',
};

/** What a stall guard needs. */
export interface StallGuardOptions {
  /** Tells how late a timer has fired. It has to be the one that the timers go by. */
  readonly clock: Clock;
  /** What is guarded. */
  readonly timers: Timers;
  /** How late a timer may fire before that is called a stall, in ms. Default 20. */
  readonly lateMs?: number | undefined;
  /** Told once per stall, however many timers it made late; `lateMs` is the lateness of the first of them. */
  readonly stalled: (lateMs: number) => void;
}

/**
 * Timers whose late callbacks judge fairly. An event loop runs timers before it reads its sockets, so after a block of
 * 300 ms every 100 ms timeout fires although the answers have arrived. Here a callback whose timer fires more than `lateMs`
 * late runs after one `afterInput` instead, and so does every callback behind it, which keeps them in order. `cancel()` works
 * until the callback has run.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function guardTimers(options: StallGuardOptions): Timers {
  const required = ['clock', 'timers', 'stalled'];
  const { clock, timers, lateMs, stalled } = checkOptions('guardTimers', options, RULES, required, { lateMs: LATE_MS });
  let phase: 'running' | 'letting-input-in' = 'running';

  function fired(run: () => void, dueMs: number): void {
    const late = clock.now() - dueMs;
    if (phase === 'running' && late <= lateMs) return run();
    const first = phase === 'running';
    phase = 'letting-input-in';
    timers.afterInput(() => {
      phase = 'running';
      run();
    });
    if (first) stalled(late);
  }

  return {
    set(delayMs, run, options) {
      const dueMs = clock.now() + Math.max(0, delayMs);
      let isSet = true;
      const runIfSet = (): void => {
        if (isSet) run();
      };
      const timer = timers.set(delayMs, () => fired(runIfSet, dueMs), options);
      return {
        cancel() {
          isSet = false;
          timer.cancel();
        },
      };
    },
    afterInput: (run) => timers.afterInput(run),
  };
}
