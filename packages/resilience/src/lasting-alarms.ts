/**
 * Owns alarms that are set anew for call after call and hardly ever ring: setting one costs no place in the heap.
 * Must never know what rings.
 */
import { type Alarm, Alarms } from './alarms.ts';

/** An alarm that is used again. `order` is the alarms' own. */
export interface LastingAlarm extends Alarm {
  /** The moment that it is filed under, which may be earlier than `untilMs`. */
  dueMs: number;
  /** The moment that it is set for. */
  untilMs: number;
  order: number;
}

/**
 * One that is no longer awaited stays in the heap where it is. Set again it is due later, as a rule, so it may stay there
 * still, and is filed anew only when the earlier moment has come:
 *
 *     set for 10   ├─ call ─┤         filed under 10
 *     set for 13        ├─ call ─┤    still under 10
 *     set for 16             ├─ call that takes long ...
 *                                   10: not yet, filed under 16 ...
 *
 * With a timeout of ten seconds that is one filing in ten seconds, not one for each call.
 */
export class LastingAlarms extends Alarms {
  #awaited = 0;

  protected override get isAwaited(): boolean {
    return this.#awaited > 0;
  }

  /** @param now a reading of the clock that the caller has made just now */
  start(alarm: LastingAlarm, now: number): void {
    alarm.order = this.added++;
    if (alarm.untilMs === Infinity) return;
    this.#awaited++;
    if (alarm.position === -1 || alarm.untilMs < alarm.dueMs) this.file(alarm);
    if (alarm.untilMs < this.wakesAt) this.arm(alarm.untilMs, now);
  }

  /** It is no longer awaited, and will be set again. */
  stop(alarm: LastingAlarm): void {
    if (alarm.untilMs !== Infinity) this.#awaited--;
  }

  /** Files an alarm under the moment that it is set for. */
  file(alarm: LastingAlarm): void {
    this.remove(alarm);
    alarm.dueMs = alarm.untilMs;
    alarm.sequence = alarm.order;
    this.set.add(alarm);
  }
}
