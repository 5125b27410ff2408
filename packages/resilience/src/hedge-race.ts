/**
 * Owns the tries of one call that is hedged: which are under way, which of them wins, and what becomes of the others.
 * Must never know how long a try may take before another begins.
 */
import { type AbortSource, callerOf } from './abort-source.ts';
import { hop } from './call.ts';
import { CallGuard, runInside } from './call-guard.ts';
import { AbortedError, RetriesExhaustedError } from './errors.ts';
import type { Frame } from './frame.ts';
import type { HedgeDelay } from './hedge-delay.ts';
import type { LastingAlarms } from './lasting-alarms.ts';
import type { PolicyMeter } from './metrics/policy-metrics.ts';
import { Scope } from './scope.ts';

/** What a race asks of its hedge. */
export interface HedgeKeeper {
  readonly alarms: LastingAlarms;
  /** Most tries of one call. */
  readonly attempts: number;
  readonly delay: HedgeDelay;
  readonly count: PolicyMeter<'hedge'> | undefined;
  /** Whether one more try may begin, which then has been paid for. */
  mayHedge(): boolean;
  succeeded(): void;
}

/** A try beside the first. */
class Attempt extends Scope {
  readonly begunAt: number;
  /** Then it is not wanted; else that is for whoever is around the hedge to say. */
  hasLost = false;

  constructor(outer: AbortSource | undefined, begunAt: number) {
    super(outer);
    this.begunAt = begunAt;
  }

  override get caller(): AbortSource | undefined {
    return this.hasLost ? this : callerOf(this.around);
  }
}

type Try = Race | Attempt;

/**
 * The tries of one call. It is the first of them itself, and the alarm for the next one; all else there is to remember is made
 * when that begins.
 */
export class Race extends CallGuard {
  declare begunAt: number;
  declare hasLost: boolean;
  declare private begun: number;
  declare private underWay: Set<Try> | undefined;
  declare private failures: unknown[];
  declare private readonly hedge: HedgeKeeper;

  constructor(hedge: HedgeKeeper, frame: Frame) {
    super(hedge.alarms, frame);
    this.begunAt = 0;
    this.hasLost = false;
    this.begun = 0;
    this.underWay = undefined;
    this.failures = [];
    this.hedge = hedge;
  }

  override get caller(): AbortSource | undefined {
    return this.hasLost ? this : callerOf(this.around);
  }

  ring(): void {
    this.untilMs = Infinity;
    this.inContext(() => this.beginNext());
  }

  private beginNext(): void {
    const { alarms, frame, around } = this;
    const now = alarms.clock.now();
    if (now >= frame.deadline || around?.aborted || !this.hedge.mayHedge()) return;
    const attempt = new Attempt(around, now);
    const index = this.begun;
    // What loses may go on after the call, and keeps what it has.
    this.keep();
    this.underWay ??= new Set([this]);
    this.underWay.add(attempt);
    this.await(now);
    hop(
      runInside(frame, attempt, frame.deadline, index),
      (value) => this.won(attempt, index, value),
      (error) => this.lost(attempt, error),
    );
  }

  protected start(now: number): Promise<unknown> {
    const { frame } = this;
    this.begunAt = now;
    this.begun = 0;
    this.await(now);
    return runInside(frame, this, frame.deadline, 0);
  }

  protected succeeded(value: unknown): void {
    this.won(this, 0, value);
  }

  protected failed(error: unknown): void {
    this.lost(this, error);
  }

  protected override beganTooLate(): void {
    this.hedge.count?.('out-of-time');
    super.beganTooLate();
  }

  /** One more has begun. Sets the alarm for the next one, if there may be one. */
  private await(now: number): void {
    const { attempts, delay } = this.hedge;
    this.begun++;
    const nextMs = now + delay.ms;
    const mayFollow = this.begun < attempts && nextMs < this.frame.deadline;
    this.untilMs = mayFollow ? nextMs : Infinity;
    this.alarms.start(this, now);
    if (mayFollow) this.rememberContext();
  }

  private won(winner: Try, index: number, value: unknown): void {
    if (!this.isAwaited) return;
    const { underWay } = this;
    if (underWay !== undefined && !underWay.delete(winner)) return;
    const { delay, count } = this.hedge;
    if (delay.measured !== undefined) this.measure([winner, ...(underWay ?? [])], delay);
    count?.(index === 0 ? 'first' : 'hedge');
    this.hedge.succeeded();
    if (winner !== this) winner.close();
    this.end();
    this.frame.succeeded(value);
    for (const loser of underWay ?? []) {
      loser.hasLost = true;
      loser.abort(new AbortedError(undefined, 'Another attempt was faster'));
    }
  }

  private lost(loser: Try, error: unknown): void {
    if (!this.isAwaited) return;
    const { underWay, failures } = this;
    if (underWay !== undefined && !underWay.delete(loser)) return;
    failures.push(error);
    if (underWay !== undefined) loser.close();
    if (underWay?.size) return;
    this.hedge.count?.('failed');
    this.failures = [];
    this.end();
    this.frame.failed(failures.length === 1 || this.isUnwanted ? error : new RetriesExhaustedError(failures));
  }

  private measure(tries: readonly Try[], delay: HedgeDelay): void {
    const now = this.alarms.clock.now();
    for (const { begunAt } of tries) delay.measured?.(now - begunAt);
  }
}
