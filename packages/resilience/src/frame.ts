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
import type { Again, Entry, Later, Ruling } from './ruling.ts';

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
  enter(frame: Frame, place: number): Entry;
  succeeded(frame: Frame, place: number, value: unknown): Ruling;
  failed(frame: Frame, place: number, error: unknown): Ruling;
}

/**
 * A policy that may stop waiting for what is inside of it. It begins that with {@link Frame.inside}, in whose hands it is from
 * then on, and tells the frame once how that ended: `succeeded` or `failed`. What it has stopped waiting for goes on, unheard.
 *
 *     frame: steps outside ──► boundary ──► inside: the work, or a frame with the steps inside
 */
export interface Boundary {
  begin(frame: Frame): void;
  /** What it has left in `frame.kept` for the next call will not be needed. */
  forget(kept: unknown): void;
}

/** What all calls through the same steps have in common. */
export interface Route {
  readonly steps: readonly Step[];
  /** The same without those that wait for a failure. */
  readonly busySteps: readonly (Step | undefined)[];
  readonly boundary: Boundary | undefined;
  /** What is inside of the boundary, when that is not the work itself. */
  readonly inner: { begin(work: Work<unknown>, call: CallOrigin, attempt: number): Promise<unknown> } | undefined;
  /** Used again with their handlers: making those afresh for each call costs as much as the rest of the loop. */
  readonly idle: Frame[];
}

/** What a call is made under. */
export interface CallOrigin {
  readonly scope: AbortSource | undefined;
  readonly deadline: Deadline;
}

const MOST_IDLE_FRAMES = 128;

/** One call in flight: what it is made under, what each step has to remember, and how far the call has come. */
export class Frame {
  scope: AbortSource | undefined = undefined;
  deadline: Deadline = Infinity;
  attempt = 0;
  readonly notes: unknown[] = [undefined, undefined, undefined, undefined];
  /** Whatever the boundary wants to use again. */
  kept: unknown = undefined;
  #work: Work<unknown> | undefined = undefined;
  #isFirstRound = true;
  /** Settles what the caller waits for, unless that is the first round's own promise: so rounds do not pile up promises. */
  #settle: Settle | undefined = undefined;
  readonly #route: Route;
  readonly #onValue = (value: unknown): unknown => this.succeeded(value);
  readonly #onError = (error: unknown): unknown => this.failed(error);

  constructor(route: Route) {
    this.#route = route;
  }

  /** The signal of whoever may not want the work any more; a time limit is not among them. */
  get signal(): AbortSignal | undefined {
    return signalOf(callerOf(this.scope));
  }

  /** Carries work through the steps, in the name of that call if there is one to name. */
  carry(work: Work<unknown>, origin: CallOrigin | undefined, attempt: number): Promise<unknown> {
    this.#work = work;
    this.attempt = attempt;
    if (origin === undefined) return this.#round(this.#route.busySteps, 0) as Promise<unknown>;
    this.scope = origin.scope;
    this.deadline = origin.deadline;
    this.#isFirstRound = false;
    return this.#round(this.#route.steps, 0) as Promise<unknown>;
  }

  /** For the boundary: begins what is inside of it. */
  inside(scope: AbortSource | undefined, deadline: Deadline, attempt = this.attempt): Promise<unknown> {
    const { inner } = this.#route;
    const work = this.#work as Work<unknown>;
    if (inner !== undefined) return inner.begin(work, { scope, deadline }, attempt);
    return runOnce(work, new AttemptContext(scope, deadline, attempt));
  }

  /** Goes inward from there, and runs the work. Answers what the caller waits for if there is no promise yet. */
  #round(steps: readonly (Step | undefined)[], from: number): unknown {
    if (this.scope?.aborted) return this.#end(from, failure(new AbortedError(this.scope.reason)));
    for (let place = from; place < steps.length; place++) {
      const entry = steps[place]?.enter(this, place);
      if (entry !== undefined) return this.#stop(place, entry);
    }
    const { boundary } = this.#route;
    if (boundary === undefined) {
      const context = new AttemptContext(this.scope, this.deadline, this.attempt);
      return hop(runOnce(this.#work as Work<unknown>, context), this.#onValue, this.#onError);
    }
    const promise = this.#promise();
    boundary.begin(this);
    return promise;
  }

  #stop(place: number, entry: Exclude<Entry, undefined>): unknown {
    if (entry.kind !== 'wait') return this.#end(place, entry);
    this.#goOn(entry.until, place + 1, place);
    return this.#promise();
  }

  #end(place: number, ending: Outcome): unknown {
    const settle = this.#settle;
    const answer = this.#conclude(this.#leave(place, ending));
    return settle === undefined ? Promise.resolve(answer) : undefined;
  }

  /** What the caller waits for from now on; nothing new when it has been given that already. */
  #promise(): Promise<unknown> | undefined {
    if (this.#settle !== undefined) return undefined;
    // Through a local variable the compiler sees to the bottom of it, and makes no function that is only called once.
    let settle: Settle | undefined;
    const promise = new Promise<unknown>((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    return promise;
  }

  /** Once the wait is over the round begins at `to`; when it fails that is the outcome of whatever stands before `or`. */
  #goOn(when: PromiseLike<void>, to: number, or: number): void {
    this.#isFirstRound = false;
    when.then(
      () => void this.#round(this.#route.steps, to),
      (error: unknown) => void this.#conclude(this.#leave(or, failure(error))),
    );
  }

  succeeded(value: unknown): unknown {
    const { steps, busySteps } = this.#route;
    const heard = this.#isFirstRound ? busySteps : steps;
    for (let place = heard.length - 1; place >= 0; place--) {
      const ruling = heard[place]?.succeeded(this, place, value);
      if (ruling !== undefined) return this.#conclude(this.#follow(ruling, place));
    }
    const settle = this.#settle;
    this.#release();
    return settle === undefined ? value : settle(value);
  }

  failed(error: unknown): unknown {
    return this.#conclude(this.#leave(this.#route.steps.length, failure(error)));
  }

  /** Carries an outcome outward past the steps before `from`, and answers what has become of it. */
  #leave(from: number, outcome: Outcome): Outcome | Again | Later {
    for (let place = from - 1; place >= 0; place--) {
      const step = this.#route.steps[place] as Step;
      const ruling =
        outcome.kind === 'result'
          ? step.succeeded(this, place, outcome.value)
          : step.failed(this, place, outcome.error);
      if (ruling !== undefined) return this.#follow(ruling, place);
    }
    return outcome;
  }

  #follow(ruling: Exclude<Ruling, undefined>, place: number): Outcome | Again | Later {
    if (ruling.kind === 'again') {
      this.#goOn(ruling.when, place + 1, place + 1);
    } else if (ruling.kind === 'later') {
      const end = (outcome: Outcome): void => void this.#conclude(this.#leave(place, outcome));
      ruling.outcome.then(
        (value) => end({ kind: 'result', value }),
        (error: unknown) => end(failure(error)),
      );
    } else {
      return this.#leave(place, ruling);
    }
    return ruling;
  }

  /**
   * Tells the caller how it ended. In the first round the caller waits for the very promise whose handler this runs in, so
   * the answer is returned; later nobody looks at what is returned here.
   */
  #conclude(ending: Outcome | Again | Later): unknown {
    if (ending.kind === 'again' || ending.kind === 'later') return this.#promise();
    const settle = this.#settle;
    this.#release();
    const answer = ending.kind === 'error' ? new Rejection(ending.error) : ending.value;
    return settle === undefined ? answer : settle(answer);
  }

  #release(): void {
    const { idle, boundary } = this.#route;
    this.#work = undefined;
    this.#settle = undefined;
    if (!this.#isFirstRound) {
      this.#isFirstRound = true;
      this.scope = undefined;
      this.deadline = Infinity;
    }
    if (idle.length < MOST_IDLE_FRAMES) idle.push(this);
    else boundary?.forget(this.kept);
  }
}
