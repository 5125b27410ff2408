/**
 * Owns alarms that are set anew for call after call and hardly ever ring: setting one costs no place in the heap.
 * Must never know what rings.
 */
import { type Alarm, Alarms } from './alarms.ts';

/** An alarm that is used again. `order` is the alarms' own. */
export interface LastingAlarm extends Alarm {
  /** The moment that it is filed under, which may be earlier than `untilMs`; Infinity when it is not filed. */
  dueMs: number;
  /** The moment that it is set for. */
  readonly untilMs: number;
  readonly isAwaited: boolean;
  order: number;
}

const FEWEST_TO_LOOK_THROUGH = 256;

/**
 * One that is no longer awaited stays in the heap where it is. Set again it is due later, as a rule, so it may stay there
 * still, and is filed anew only when the earlier moment has come:
 *
 *     set for 10   ├─ call ─┤         filed under 10
 *     set for 13        ├─ call ─┤    still under 10
 *     set for 16             ├─ call that takes long ...
 *                                   10: not yet, filed under 16 ...
 *
 * With a timeout of ten seconds that is one filing in ten seconds, not one for each call: setting one is a comparison, and
 * nothing is done when it is no longer awaited. Whether any is at all is looked for when the timer wakes, and those that are
 * not are taken out whenever they may be half of all: whoever has set one may have gone for good.
 */
export class LastingAlarms extends Alarms<LastingAlarm> {
  /** As many may be filed before those that nobody awaits are taken out. */
  private most = FEWEST_TO_LOOK_THROUGH;

  /** @param now a reading of the clock that the caller has made just now */
  start(alarm: LastingAlarm, now: number): void {
    alarm.order = this.added++;
    if (alarm.untilMs < alarm.dueMs) this.file(alarm, now);
  }

  /** Files an alarm under the moment that it is set for. */
  file(alarm: LastingAlarm, now: number): void {
    this.remove(alarm);
    if (this.set.size >= this.most) this.keepAwaited();
    alarm.dueMs = alarm.untilMs;
    alarm.sequence = alarm.order;
    this.insert(alarm, now);
  }

  protected override ring(alarm: LastingAlarm, now: number): void {
    alarm.dueMs = Infinity;
    if (!alarm.isAwaited || alarm.untilMs === Infinity) return;
    if (now < alarm.untilMs) this.file(alarm, now);
    else alarm.ring(now);
  }

  /** When nobody awaits any of them all are taken out, and no timer remains. */
  protected override next(): LastingAlarm | undefined {
    if (!this.set.some(({ isAwaited }) => isAwaited)) {
      for (const alarm of this.set.clear()) alarm.dueMs = Infinity;
    }
    return this.set.first;
  }

  private keepAwaited(): void {
    for (const alarm of this.set.clear()) {
      if (alarm.isAwaited) this.set.add(alarm);
      else alarm.dueMs = Infinity;
    }
    this.most = Math.max(FEWEST_TO_LOOK_THROUGH, 2 * this.set.size);
  }
}
