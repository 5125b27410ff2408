/**
 * Owns the time limit of one call at a time: what happens when it has passed, or when the caller aborts before that.
 * Must never know how long it is, nor what the work is.
 */
import { type AbortSource, callerOf, isScope } from './abort-source.ts';
import { hop } from './call.ts';
import type { Deadline } from './deadline.ts';
import { AbortedError, DeadlineExceededError, type TimeoutError } from './errors.ts';
import type { Frame, Guard } from './frame.ts';
import type { LastingAlarm, LastingAlarms } from './lasting-alarms.ts';
import { Scope } from './scope.ts';

/** How the waiting for a call ended. */
export type Ending = 'in-time' | 'timed-out' | 'out-of-time' | 'aborted';

/** What a limit asks of its timeout. */
export interface LimitKeeper {
  readonly ms: number;
  readonly alarms: LastingAlarms;
  readonly ended: ((ending: Ending) => void) | undefined;
  timedOut(): TimeoutError;
}

/**
 *     work's promise ──► onValue, onError ──► #end ──► frame
 *                                              ▲
 *     the timer ──► ring ──► give ─────────────┘        whichever comes first
 *
 * It is the scope of the work as well, and thereby in the hands of whoever keeps a context beyond its call. So it is used
 * again, with its handlers, only when nobody has taken it out of a context and its call was in time, and a context knows
 * which turn of it was its own:
 *
 *     turn 0  ├─ begin ─ work ─ end ─┤  turn 1  ├─ begin ─ work ─ end ─┤
 *                 context of turn 0 ─────────────────── ? ─►  aborts no more: its call has ended
 *
 * A limit made anew for each call, with its scope and its numbers, costs a third to a half of a bare call more.
 */
export class TimeLimit extends Scope implements LastingAlarm, Guard {
  declare dueMs: Deadline;
  declare untilMs: Deadline;
  declare sequence: number;
  declare order: number;
  declare position: number;
  /** Its call is under way, and somebody waits for it. */
  declare isAwaited: boolean;
  declare private readonly keeper: LimitKeeper;
  declare private readonly frame: Frame;
  declare private readonly onValue: (value: unknown) => void;
  declare private readonly onError: (error: unknown) => void;

  constructor(keeper: LimitKeeper, frame: Frame) {
    super(undefined);
    this.dueMs = Infinity;
    this.untilMs = Infinity;
    this.sequence = 0;
    this.order = 0;
    this.position = -1;
    this.isAwaited = false;
    this.keeper = keeper;
    this.frame = frame;
    this.onValue = (value) => {
      if (this.end('in-time')) frame.succeeded(value);
    };
    this.onError = (error) => {
      if (this.end('in-time')) frame.failed(error);
    };
  }

  /** From now on it stands around what is inside of the frame, for its time or until the deadline of the call. */
  begin(): void {
    const { frame, keeper } = this;
    const { alarms } = keeper;
    const now = alarms.clock.now();
    if (now >= frame.deadline) return this.refuse();
    this.isAwaited = true;
    this.untilMs = Math.min(now + keeper.ms, frame.deadline);
    if (frame.scope !== undefined) this.beginWithin(frame.scope);
    alarms.start(this, now);
    hop(frame.inside(this, this.untilMs), this.onValue, this.onError);
  }

  override get caller(): AbortSource | undefined {
    return callerOf(this.around);
  }

  /** It serves no other call. */
  retire(): void {
    this.keeper.alarms.remove(this);
    this.close();
  }

  ring(): void {
    if (this.untilMs === this.frame.deadline) this.give('out-of-time', new DeadlineExceededError());
    else this.give('timed-out', this.keeper.timedOut());
  }

  /** Whatever has arrived goes first: a result that the work is about to return is not thrown away. */
  protected override outerAborted(): void {
    super.outerAborted();
    this.keeper.alarms.timers.afterInput(() => {
      const reason = this.around?.reason;
      this.give('aborted', new AbortedError(reason), reason);
    });
  }

  /** Gives up what is inside, unless that has ended; nobody will hear of it, but it may ask for its caller. */
  private give(ending: Ending, error: unknown, reason: unknown = error): void {
    const { around } = this;
    this.keep();
    if (!this.end(ending)) return;
    if (isScope(around)) around.keep();
    this.frame.failed(error);
    this.abort(reason);
  }

  /** False when it had ended before. */
  private end(ending: Ending): boolean {
    if (!this.isAwaited) return false;
    this.isAwaited = false;
    this.keeper.ended?.(ending);
    if (this.isKept) {
      this.retire();
      this.frame.guard = undefined;
    } else {
      this.turn++;
      this.around = undefined;
    }
    return true;
  }

  private refuse(): void {
    this.keeper.ended?.('out-of-time');
    this.frame.failed(new DeadlineExceededError());
  }

  private beginWithin(outer: AbortSource): void {
    this.around = outer;
    // Of two timeouts the outer one is enough to free the caller.
    if (!isScope(outer)) this.watch();
  }
}
