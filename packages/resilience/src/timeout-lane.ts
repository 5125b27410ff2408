/**
 * Owns the short way of a call through a timeout that is asked alone: no frame, and nothing made but what the caller gets.
 * Must never know a signal or a deadline from outside, nor another policy.
 */
import { AttemptContext, hop, Rejection, runOnce, type Work } from './call.ts';
import { type LimitedCall, type LimitKeeper, TimeLimit } from './time-limit.ts';

/** How many calls a lane has ready. */
const MOST_IDLE_CALLS = 128;

/**
 *     work's promise ──► #onValue, #onError ──► #settle ──► the caller's promise
 *                                                  ▲
 *     the timer ──► limit ──► cutOff ──────────────┘        whichever comes first
 *
 * A call keeps its limit and its two handlers and is used again with them, since making them costs more than all that they
 * do: without a frame a call through a timeout costs 3.5 times a bare one, through a frame 3.9. One that has been cut off is not used again, for
 * its work may still run, and then its handlers find that nobody waits.
 */
export class TimeoutLane {
  readonly #keeper: LimitKeeper;
  readonly #ms: number;
  readonly #idle: LoneCall[] = [];

  constructor(keeper: LimitKeeper, ms: number) {
    this.#keeper = keeper;
    this.#ms = ms;
  }

  run(work: Work<unknown>): Promise<unknown> {
    const now = this.#keeper.alarms.clock.now();
    const call = this.#idle.pop() ?? new LoneCall(this.#keeper, this.#idle);
    return call.begin(work, this.#ms, now);
  }
}

class LoneCall implements LimitedCall {
  readonly scope = undefined;
  readonly deadline = Infinity;
  readonly #limit: TimeLimit;
  readonly #idle: LoneCall[];
  /** Undefined when nobody waits. */
  #settle: ((value: unknown) => void) | undefined = undefined;
  readonly #onValue = (value: unknown): void => this.#end(value);
  readonly #onError = (error: unknown): void => this.#end(new Rejection(error));

  constructor(keeper: LimitKeeper, idle: LoneCall[]) {
    this.#limit = new TimeLimit(keeper, this, 0);
    this.#idle = idle;
  }

  begin(work: Work<unknown>, ms: number, now: number): Promise<unknown> {
    const limit = this.#limit;
    limit.begin(ms, now);
    let settle: ((value: unknown) => void) | undefined;
    const promise = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    void hop(runOnce(work, new AttemptContext(limit, limit.untilMs, 0)), this.#onValue, this.#onError);
    return promise;
  }

  cutOff(_place: number, error: unknown): void {
    this.#end(new Rejection(error));
  }

  #end(answer: unknown): void {
    const settle = this.#settle;
    if (settle === undefined) return;
    this.#settle = undefined;
    if (this.#limit.end()) this.#rest();
    settle(answer);
  }

  #rest(): void {
    if (this.#idle.length < MOST_IDLE_CALLS) this.#idle.push(this);
    else this.#limit.retire();
  }
}
