/**
 * Owns what the guards of all boundaries have in common: one call at a time, an alarm for it, and the way back to its frame.
 * Must never know what is to happen when the alarm rings.
 */
import type { AbortSource } from './abort-source.ts';
import { AttemptContext, hop, runOnce, type Work } from './call.ts';
import type { Deadline } from './deadline.ts';
import { tooLateToBegin } from './errors.ts';
import type { Frame, Guard } from './frame.ts';
import type { LastingAlarm, LastingAlarms } from './lasting-alarms.ts';
import { Scope } from './scope.ts';

/** Begins what is inside of the boundary: the steps there, or the work itself. */
export function runInside(
  { route, work }: Frame,
  scope: AbortSource | undefined,
  deadline: Deadline,
  attempt: number,
): Promise<unknown> {
  return route.inner === undefined
    ? runOnce(work as Work<unknown>, new AttemptContext(scope, deadline, attempt))
    : route.inner.begin(work as Work<unknown>, scope, deadline, attempt);
}

function perform(action: () => void): void {
  action();
}

/**
 *     inside ──► onValue, onError ──► succeeded, failed ──► frame
 *                                         ▲
 *     the timer ──► ring ─────────────────┘
 *
 * It is the scope of what is inside as well, and thereby in the hands of whoever keeps a context beyond its call. So it is used
 * again, with its handlers, only when nobody has taken it out of a context and it has not aborted, and a context knows which
 * turn of it was its own:
 *
 *     turn 0  ├─ begin ─ work ─ end ─┤  turn 1  ├─ begin ─ work ─ end ─┤
 *                 context of turn 0 ─────────────────── ? ─►  aborts no more: its call has ended
 *
 * One timer serves all calls, and runs in the async context of whoever set it, which is another call's: what an
 * `AsyncLocalStorage` holds there is not of this call. What hangs on a promise runs in the context in which it was hung there, so
 * a promise that is made with the call and settled by the timer leads back:
 *
 *     begin ─ rememberContext ─ work ...        context of the call
 *                    ▲                  ┌─ next try, or steps outside
 *     the timer ─ inContext ────────────┘
 *
 * One that is made anew for each call, with its scope and its numbers, costs a third to a half of a bare call more.
 */
export abstract class CallGuard extends Scope implements LastingAlarm, Guard {
  declare dueMs: Deadline;
  declare untilMs: Deadline;
  declare sequence: number;
  declare order: number;
  declare position: number;
  /** Its call is under way, and somebody waits for it. */
  declare isAwaited: boolean;
  declare protected readonly alarms: LastingAlarms;
  declare protected readonly frame: Frame;
  declare private readonly onValue: (value: unknown) => void;
  declare private readonly onError: (error: unknown) => void;
  declare private wake: ((action: () => void) => void) | undefined;

  constructor(alarms: LastingAlarms, frame: Frame) {
    super(undefined);
    this.dueMs = Infinity;
    this.untilMs = Infinity;
    this.sequence = 0;
    this.order = 0;
    this.position = -1;
    this.isAwaited = false;
    this.alarms = alarms;
    this.frame = frame;
    this.onValue = (value) => this.succeeded(value);
    this.onError = (error) => this.failed(error);
    this.wake = undefined;
  }

  begin(): void {
    const { alarms, frame } = this;
    const now = alarms.clock.now();
    if (now >= frame.deadline) return this.beganTooLate();
    this.isAwaited = true;
    if (frame.scope !== undefined) this.beginWithin(frame.scope);
    const inside = this.start(now);
    hop(inside, this.onValue, this.onError);
  }

  retire(): void {
    this.alarms.remove(this);
    this.close();
  }

  abstract ring(now: number): void;

  /** Sets the alarm, and begins what is inside. */
  protected abstract start(now: number): Promise<unknown>;
  protected abstract succeeded(value: unknown): void;
  protected abstract failed(error: unknown): void;

  /** Asked where the call is made, by whoever may have to do something in its time. */
  protected rememberContext(): void {
    let wake: CallGuard['wake'];
    const woken = new Promise<() => void>((resolve) => {
      wake = resolve;
    });
    void woken.then(perform);
    this.wake = wake;
  }

  /** Does it in the async context of the call, unless that has ended by then. */
  protected inContext(action: () => void): void {
    const { turn } = this;
    this.wake?.(() => {
      if (this.isAwaited && this.turn === turn) action();
    });
  }

  protected beginWithin(outer: AbortSource): void {
    this.around = outer;
  }

  /** The deadline had passed before. */
  protected beganTooLate(): void {
    this.frame.failed(tooLateToBegin(this.frame.work));
  }

  /** Nobody waits any more for what is inside. */
  protected end(): void {
    this.isAwaited = false;
    this.wake = undefined;
    if (this.around !== undefined && this.isUnwanted) this.keep(); // whoever reads its signal from now on has to see that
    if (this.isKept) {
      this.retire();
      this.frame.guard = undefined;
    } else {
      this.turn++;
      this.around = undefined;
    }
  }
}
