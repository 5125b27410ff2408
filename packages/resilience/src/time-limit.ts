/**
 * Owns the time limit of one call at a time: what happens when it has passed, or when the caller aborts before that.
 * Must never know how long it is, nor what the work is.
 */
import { type AbortSource, callerOf, isScope } from './abort-source.ts';
import { CallGuard, runInside } from './call-guard.ts';
import { AbortedError, DeadlineExceededError, type TimeoutError } from './errors.ts';
import type { Frame } from './frame.ts';
import type { LastingAlarms } from './lasting-alarms.ts';

/** How the waiting for a call ended. */
export type Ending = 'in-time' | 'timed-out' | 'out-of-time' | 'aborted';

/** What a limit asks of its timeout. */
export interface LimitKeeper {
  readonly ms: number;
  readonly alarms: LastingAlarms;
  readonly ended: ((ending: Ending) => void) | undefined;
  timedOut(): TimeoutError;
}

/** Whichever comes first, the end of what is inside or the alarm, ends the call. */
export class TimeLimit extends CallGuard {
  declare private readonly keeper: LimitKeeper;
  /** They may have something to do for a call whose time is up: judge, tell, try again. */
  declare private readonly hasStepsOutside: boolean;

  constructor(keeper: LimitKeeper, frame: Frame) {
    super(keeper.alarms, frame);
    this.keeper = keeper;
    this.hasStepsOutside = frame.route.steps.length > 0;
  }

  override get caller(): AbortSource | undefined {
    return callerOf(this.around);
  }

  override get waitingCaller(): undefined {
    return undefined;
  }

  ring(): void {
    if (this.untilMs === this.frame.deadline) this.give('out-of-time', new DeadlineExceededError());
    else this.give('timed-out', this.keeper.timedOut());
  }

  protected start(now: number): Promise<unknown> {
    const { frame } = this;
    this.untilMs = Math.min(now + this.keeper.ms, frame.deadline);
    this.alarms.start(this, now);
    if (this.hasStepsOutside) this.rememberContext();
    return runInside(frame, this, this.untilMs, frame.attempt);
  }

  protected succeeded(value: unknown): void {
    if (this.endAs('in-time')) this.frame.succeeded(value);
  }

  protected failed(error: unknown): void {
    if (this.endAs('in-time')) this.frame.failed(error);
  }

  /** Of two timeouts the outer one is enough to free the caller. */
  protected override beginWithin(outer: AbortSource): void {
    super.beginWithin(outer);
    if (!isScope(outer) || outer.waitingCaller !== undefined) this.watch();
  }

  protected override beganTooLate(): void {
    this.keeper.ended?.('out-of-time');
    super.beganTooLate();
  }

  /** Whatever has arrived goes first: a result that the work is about to return is not thrown away. */
  protected override outerAborted(): void {
    super.outerAborted();
    if (isScope(this.around) && !this.around.waitingCaller?.aborted) return; // a hedge has lost, and nobody waits for it
    this.alarms.timers.afterInput(() => {
      const reason = this.around?.reason;
      this.give('aborted', new AbortedError(reason), reason);
    });
  }

  private give(ending: Ending, error: unknown, reason: unknown = error): void {
    if (this.hasStepsOutside) this.inContext(() => this.giveUp(ending, error, reason));
    else this.giveUp(ending, error, reason);
  }

  /** Gives up what is inside, unless that has ended; nobody will hear of it, but it may ask for its caller. */
  private giveUp(ending: Ending, error: unknown, reason: unknown): void {
    this.keep();
    if (!this.endAs(ending)) return;
    this.frame.failed(error);
    this.abort(reason);
  }

  /** False when it had ended before. */
  private endAs(ending: Ending): boolean {
    if (!this.isAwaited) return false;
    this.keeper.ended?.(ending);
    this.end();
    return true;
  }
}
