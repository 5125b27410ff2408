/**
 * Owns the time limit of one call at a time: what happens when it has passed, or when the caller aborts before that.
 * Must never know how long it is, nor what the work is.
 */
import type { Deadline } from './deadline.ts';
import { AbortedError, DeadlineExceededError, type TimeoutError } from './errors.ts';
import type { Frame } from './frame.ts';
import type { LastingAlarm, LastingAlarms } from './lasting-alarms.ts';
import { type AbortSource, callerOf, Scope } from './scope.ts';

/** How the waiting for a call ended. */
export type Ending = 'in-time' | 'timed-out' | 'out-of-time' | 'aborted';

/** A call as its limit sees it. */
export type LimitedCall = Pick<Frame, 'scope' | 'deadline' | 'cutOff'>;

/** What a limit asks of its timeout. */
export interface LimitKeeper {
  readonly alarms: LastingAlarms;
  timedOut(): TimeoutError;
  ended(ending: Ending): void;
}

/**
 * It is the scope of the work as well, and thereby in the hands of whoever keeps a context beyond its call. So it is used
 * again only when nobody has taken it out of a context and it has not aborted, and a context knows which turn of it was its own:
 *
 *     turn 0  ├─ begin ─ work ─ renew ─┤  turn 1  ├─ begin ─ work ─ renew ─┤
 *                 context of turn 0 ─────────────────── ? ─►  aborts no more: its call has ended
 *
 * A limit made anew for each call, with its scope and its numbers, costs a third to a half of a bare call more.
 */
export class TimeLimit extends Scope implements LastingAlarm {
  declare dueMs: Deadline;
  declare untilMs: Deadline;
  declare outerDeadline: Deadline;
  declare sequence: number;
  declare order: number;
  declare position: number;
  declare ending: Ending;
  declare call: LimitedCall;
  declare private isUnderWay: boolean;
  declare private readonly place: number;
  declare private readonly keeper: LimitKeeper;

  /** @param place where in the call it stands */
  constructor(keeper: LimitKeeper, call: LimitedCall, place: number) {
    super(undefined);
    this.dueMs = Infinity;
    this.untilMs = Infinity;
    this.outerDeadline = Infinity;
    this.sequence = 0;
    this.order = 0;
    this.position = -1;
    this.ending = 'in-time';
    this.call = call;
    this.place = place;
    this.isUnderWay = false;
    this.keeper = keeper;
  }

  /**
   * From now on it stands around the work of its call, for so long or until the deadline that the call has had before.
   *
   * @param now a reading of the clock that the caller has made just now
   */
  begin(ms: number, now: number): void {
    const { call } = this;
    const outerDeadline = call.deadline;
    this.isUnderWay = true;
    this.outerDeadline = outerDeadline;
    this.untilMs = Math.min(now + ms, outerDeadline);
    if (call.scope !== undefined) this.beginWithin(call.scope);
    this.keeper.alarms.start(this, now);
  }

  override get caller(): AbortSource | undefined {
    return callerOf(this.outer);
  }

  /** The call has ended. Answers whether this may serve another. */
  end(): boolean {
    const { keeper } = this;
    this.isUnderWay = false;
    keeper.alarms.stop(this);
    keeper.ended(this.ending);
    const isFree = !this.isKept && this.ending === 'in-time';
    if (isFree) this.renew();
    else this.retire();
    return isFree;
  }

  /** It serves no other call. */
  retire(): void {
    this.keeper.alarms.remove(this);
    this.close();
  }

  ring(now: number): void {
    if (!this.isUnderWay) return;
    if (now < this.untilMs) this.keeper.alarms.file(this);
    else if (this.untilMs === this.outerDeadline) this.give('out-of-time', new DeadlineExceededError());
    else this.give('timed-out', this.keeper.timedOut());
  }

  /** Whatever has arrived goes first: a result that the work is about to return is not thrown away. */
  protected override outerAborted(): void {
    super.outerAborted();
    const { turn } = this;
    this.keeper.alarms.timers.afterInput(() => {
      if (turn !== this.turn) return;
      const reason = this.outer?.reason;
      this.give('aborted', new AbortedError(reason), reason);
    });
  }

  /** Gives the work up, unless it has settled. */
  private give(ending: Ending, error: unknown, reason: unknown = error): void {
    if (!this.isUnderWay) return;
    this.ending = ending;
    if (this.outer instanceof Scope) this.outer.keep();
    this.call.cutOff(this.place, error);
    this.abort(reason);
  }

  private beginWithin(outer: AbortSource): void {
    this.around = outer;
    // Of two timeouts the outer one is enough to free the caller.
    if (!(outer instanceof Scope)) this.watch();
  }
}
