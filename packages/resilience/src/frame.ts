/**
 * Owns a call on its way through the steps of policies: what a step is, and the one loop that drives them.
 * Must never know what any step decides.
 */
import { type AbortSource, callerOf, signalOf } from './abort-source.ts';
import { AttemptContext, hop, Rejection, runOnce, type Work } from './call.ts';
import type { AbortSignal, Deadline } from './deadline.ts';
import type { Settle } from './deferred.ts';
import { AbortedError } from './errors.ts';
import { failure, type Outcome } from './outcome.ts';
import type { Ruling } from './ruling.ts';

/**
 * A policy as the driving loop sees it.
 *
 *     enter 0 → enter 1 → work → succeeded or failed 1 → succeeded or failed 0
 *
 * A step that ends the call in `enter` is not left. What a step has to remember of one call lies in `frame.notes[place]`.
 */
export interface Step {
  /** A call that comes without a deadline is nothing to it, nor is its success, unless one try has failed. */
  readonly waitsForFailure?: boolean;
  enter(frame: Frame, place: number): Ruling;
  succeeded(frame: Frame, place: number, value: unknown): Ruling;
  failed(frame: Frame, place: number, error: unknown): Ruling;
}

/**
 * A policy that may stop waiting for what is inside of it.
 *
 *     frame: steps outside ──► guard of the boundary ──► inside: the work, or a frame with the steps inside
 */
export interface Boundary {
  guard(frame: Frame): Guard;
}

/**
 * A boundary's part in the calls of one frame, one at a time. What it begins inside is in its hands from then on, and it
 * tells the frame once how that ended: `succeeded` or `failed`. What it has stopped waiting for goes on, unheard; then it
 * serves no other call, and takes itself out of the frame.
 */
export interface Guard {
  begin(): void;
  /** There will be no other call. */
  retire(): void;
}

/** What all calls through the same steps have in common. */
export interface Route {
  readonly steps: readonly Step[];
  /** Before this place all steps wait for a failure. */
  readonly firstBusy: number;
  readonly boundary: Boundary | undefined;
  /** What is inside of the boundary, when that is not the work itself. */
  readonly inner: Inner | undefined;
  /** Used again with their handlers: making those afresh for each call costs as much as the rest of the loop. */
  readonly idle: Frame[];
}

interface Inner {
  begin(work: Work<unknown>, scope: AbortSource | undefined, deadline: Deadline, attempt: number): Promise<unknown>;
}

const MOST_IDLE_FRAMES = 128;

/**
 * One call in flight: what it is made under, what each step has to remember, and how far the call has come. Its private parts
 * are so by type alone: the checks that `#` brings make what is done in each call too long for a compiler to put it together.
 */
export class Frame {
  scope: AbortSource | undefined;
  deadline: Deadline = Infinity;
  attempt = 0;
  readonly notes: unknown[] = [undefined, undefined, undefined, undefined];
  /** Stays from call to call. */
  guard: Guard | undefined;
  /** While a call is under way. */
  work: Work<unknown> | undefined;
  private isFirstRound = true;
  /** Settles what the caller waits for, unless that is the first round's own promise: so rounds do not pile up promises. */
  private settle: Settle | undefined;
  readonly route: Route;
  private readonly onValue = (value: unknown): unknown => this.succeeded(value);
  private readonly onError = (error: unknown): unknown => this.failed(error);

  constructor(route: Route) {
    this.route = route;
  }

  /** The signal of whoever may not want the work any more; a time limit is not among them. */
  get signal(): AbortSignal | undefined {
    return signalOf(callerOf(this.scope));
  }

  /** Carries work through the steps, for a call that is made under nothing. */
  carry(work: Work<unknown>): Promise<unknown> {
    this.work = work;
    return this.round(this.route.firstBusy) as Promise<unknown>;
  }

  /** Carries work through the steps, under what its call is made under. */
  carryUnder(
    work: Work<unknown>,
    scope: AbortSource | undefined,
    deadline: Deadline,
    attempt: number,
  ): Promise<unknown> {
    this.isFirstRound = false;
    this.scope = scope;
    this.deadline = deadline;
    this.attempt = attempt;
    this.work = work;
    return this.round(0) as Promise<unknown>;
  }

  succeeded(value: unknown): unknown {
    const { steps, firstBusy } = this.route;
    const outermost = this.isFirstRound ? firstBusy : 0;
    for (let place = steps.length - 1; place >= outermost; place--) {
      const ruling = (steps[place] as Step).succeeded(this, place, value);
      if (ruling !== undefined) return this.follow(ruling, place);
    }
    return this.end(value);
  }

  failed(error: unknown): unknown {
    return this.leave(this.route.steps.length, failure(error));
  }

  /** Goes inward from there, and runs the work. Answers what the caller waits for if there is no promise yet. */
  private round(from: number): unknown {
    const { steps, boundary } = this.route;
    if (this.scope?.aborted) return this.stop(from, failure(new AbortedError(this.scope.reason)));
    for (let place = from; place < steps.length; place++) {
      const ruling = (steps[place] as Step).enter(this, place);
      if (ruling !== undefined) return this.stop(place, ruling);
    }
    if (boundary === undefined) {
      const context = new AttemptContext(this.scope, this.deadline, this.attempt);
      return hop(runOnce(this.work as Work<unknown>, context), this.onValue, this.onError);
    }
    const promise = this.promise();
    this.guard ??= boundary.guard(this);
    this.guard.begin();
    return promise;
  }

  private stop(place: number, ruling: Exclude<Ruling, undefined>): Promise<unknown> {
    return Promise.resolve(this.follow(ruling, place));
  }

  /** Does what the step has ruled, and answers what has become of the call. */
  private follow(ruling: Exclude<Ruling, undefined>, place: number): unknown {
    if ('kind' in ruling) return this.leave(place, ruling);
    this.isFirstRound = false;
    ruling.then(
      (outcome) => void (outcome === undefined ? this.round(place + 1) : this.leave(place, outcome)),
      (error: unknown) => void this.leave(place, failure(error)),
    );
    return this.promise();
  }

  /** Carries an outcome outward past the steps before `from`. */
  private leave(from: number, outcome: Outcome): unknown {
    for (let place = from - 1; place >= 0; place--) {
      const step = this.route.steps[place] as Step;
      const ruling =
        outcome.kind === 'result'
          ? step.succeeded(this, place, outcome.value)
          : step.failed(this, place, outcome.error);
      if (ruling !== undefined) return this.follow(ruling, place);
    }
    return this.end(outcome.kind === 'error' ? new Rejection(outcome.error) : outcome.value);
  }

  /** What the caller waits for from now on; nothing new when it has been given that already. */
  private promise(): Promise<unknown> | undefined {
    if (this.settle !== undefined) return undefined;
    // Through a local variable the compiler sees to the bottom of it, and makes no function that is only called once.
    let settle: Settle | undefined;
    const promise = new Promise<unknown>((resolve) => {
      settle = resolve;
    });
    this.settle = settle;
    return promise;
  }

  /**
   * Tells the caller how it ended. In the first round the caller waits for the very promise whose handler this runs in, so
   * the answer is returned; later nobody looks at what is returned here.
   */
  private end(answer: unknown): unknown {
    const { settle } = this;
    const { idle } = this.route;
    this.work = undefined;
    this.settle = undefined;
    if (!this.isFirstRound) {
      this.isFirstRound = true;
      this.scope = undefined;
      this.deadline = Infinity;
      this.attempt = 0;
    }
    if (idle.length < MOST_IDLE_FRAMES) idle.push(this);
    else this.guard?.retire();
    return settle === undefined ? answer : settle(answer);
  }
}
