/**
 * Owns the waking of many at their moments by one timer, fairly after a stall.
 * Must never know what rings.
 */
import { type Clock, systemClock } from './clock.ts';
import { CLOCK, TIMERS } from './parts.ts';
import { guardTimers } from './stall-guard.ts';
import { type HeapEntry, TimerHeap } from './timer-heap.ts';
import { systemTimers, type Timer, type Timers } from './timers.ts';

/** Something to be woken at a moment on the clock, in ms. `sequence` and `position` are the alarms' own. */
export interface Alarm extends HeapEntry {
  sequence: number;
  /** It has been taken out before. Must not throw. */
  ring(now: number): void;
}

/** Where time comes from, as the options of a policy say it. */
export interface TimeOptions {
  /** What times are read from. Default `systemClock`. */
  readonly clock?: Clock | undefined;
  /** What waits. Default `systemTimers`. */
  readonly timers?: Timers | undefined;
}

/**
 * How long a timer is set for at most, in ms. It is not cancelled when what it was set for is taken out, which would cost a
 * timer per call, and it keeps the process alive, which a pending call has to: so a process may end this much later.
 */
const LONGEST_LOOK_AHEAD_MS = 250;

/** The rules for {@link TimeOptions}. */
export const TIME_RULES = { clock: CLOCK, timers: TIMERS };

export class Alarms<Member extends Alarm = Alarm> {
  readonly clock: Clock;
  readonly timers: Timers;
  protected readonly set = new TimerHeap<Member>();
  readonly #look = (): void => this.#wake();
  #timer: Timer | undefined = undefined;
  /** When the timer wakes; Infinity when there is none. */
  #wakesAt = Infinity;
  /** After a stall: what has arrived until then is let in before anything rings, so nothing rings that is due later. */
  #letInUntil: number | undefined = undefined;
  protected added = 0;

  /** @param stalled told how late a timer fired because the event loop was blocked, in ms */
  constructor({ clock = systemClock, timers = systemTimers }: TimeOptions, stalled: (lateMs: number) => void) {
    this.clock = clock;
    const noted = (lateMs: number): void => {
      this.#letInUntil = clock.now();
      stalled(lateMs);
    };
    this.timers = guardTimers({ clock, timers, stalled: noted });
  }

  /** How many are filed now. */
  get size(): number {
    return this.set.size;
  }

  /** @param now a reading of the clock that the caller has made just now */
  add(alarm: Member, now: number): void {
    if (alarm.dueMs === Infinity) return;
    alarm.sequence = this.added++;
    this.insert(alarm, now);
  }

  /** False when it was not in, having rung for one. */
  remove(alarm: Member): boolean {
    return this.set.remove(alarm);
  }

  protected insert(alarm: Member, now: number): void {
    this.set.add(alarm);
    if (alarm.dueMs < this.#wakesAt) this.#arm(alarm.dueMs, now);
  }

  /** It has been taken out, since its moment has come. */
  protected ring(alarm: Member, now: number): void {
    alarm.ring(now);
  }

  /** What the timer has to wake for. */
  protected next(): Member | undefined {
    return this.set.first;
  }

  #arm(dueMs: number, now: number): void {
    this.#timer?.cancel();
    this.#letInUntil = undefined;
    const delayMs = Math.min(dueMs - now, LONGEST_LOOK_AHEAD_MS);
    this.#wakesAt = now + delayMs;
    this.#timer = this.timers.set(delayMs, this.#look, { background: false });
  }

  #wake(): void {
    const now = this.#letInUntil ?? this.clock.now();
    this.#timer = undefined;
    this.#wakesAt = -Infinity;
    for (let alarm = this.set.first; alarm !== undefined && alarm.dueMs <= now; alarm = this.set.first) {
      this.set.remove(alarm);
      this.ring(alarm, now);
    }
    this.#wakesAt = Infinity;
    const next = this.next();
    if (next !== undefined) this.#awaitNext(next.dueMs, now);
    else this.#letInUntil = undefined;
  }

  #awaitNext(dueMs: number, now: number): void {
    if (this.#letInUntil === undefined) return this.#arm(dueMs, now);
    const later = this.clock.now();
    if (dueMs > later) return this.#arm(dueMs, later);
    // It has come while input was let in, of which more may have arrived by now.
    this.#letInUntil = later;
    this.#wakesAt = dueMs;
    this.timers.afterInput(this.#look);
  }
}
