/**
 * Owns a call on its way through the steps of policies: what a step is, and the one loop that drives them.
 * Must never know what any step decides.
 */
import { AttemptContext, type ExecuteOptions, hop, Rejection, rejectBadWork, runOnce, type Work } from './call.ts';
import type { AbortSignal, Deadline } from './deadline.ts';
import { nobodyWaits, type Settle } from './deferred.ts';
import { AbortedError } from './errors.ts';
import type { Outcome } from './outcome.ts';
import type { Again, Entry, Later, Ruling, Wait } from './ruling.ts';
import { type AbortSource, callerOf, signalOf } from './scope.ts';

/**
 * A policy as the driving loop sees it.
 *
 *     enter 0 → enter 1 → work → succeeded or failed 1 → succeeded or failed 0
 *
 * A step that ends the call in `enter` is not left. What a step has to remember of one call lies in `frame.notes[place]`.
 */
export interface Step {
  enter(frame: Frame, place: number): Entry;
  succeeded(frame: Frame, place: number, value: unknown): Ruling;
  failed(frame: Frame, place: number, error: unknown): Ruling;
  /** For steps that keep hold of a frame: from now on the call goes on in this one. See {@link Frame.cutOff}. */
  moved?(frame: Frame, place: number): void;
  /** For steps that leave something in their note for the next call: in this frame there will be none. */
  forget?(frame: Frame, place: number): void;
}

type Options = ExecuteOptions | undefined;

const MOST_IDLE_FRAMES = 128;
/** Frames are used again with their handlers: making those afresh for each call costs as much as the rest of the loop. */
const sharedFrames: Frame[] = [];

/**
 * Runs work inside steps, the first being the outermost. `attempt` is what the first try is called; `idle` is where frames
 * wait that serve these very steps and none else.
 */
export function drive<Result>(
  steps: readonly Step[],
  work: Work<Result>,
  options: Options,
  attempt = 0,
  idle = sharedFrames,
): Promise<Result> {
  if (typeof work !== 'function') return rejectBadWork(work);
  const frame = idle.pop() ?? new Frame(idle);
  return frame.carry(steps, work, options, attempt).round(0) as Promise<Result>;
}

/**
 * Takes up a call whose first try was made without a frame and has failed. It is for steps that do nothing in `enter` and
 * with a success.
 */
export function driveOn(steps: readonly Step[], work: Work<unknown>, options: Options, error: unknown): unknown {
  return (sharedFrames.pop() ?? new Frame()).carry(steps, work, options, 0).failed(error);
}

/** One call in flight: the caller's options, what each step has to remember, and how far the call has come. */
export class Frame {
  /** What aborts the work: the caller's signal, or the scope of the innermost step that has put one around it. */
  scope: AbortSource | undefined = undefined;
  deadline: Deadline = Infinity;
  attempt = 0;
  readonly notes: unknown[] = [undefined, undefined, undefined, undefined];
  #steps: readonly Step[] = [];
  #work: Work<unknown> | undefined = undefined;
  /** The outermost step that is still waiting for this frame. */
  #outermost = 0;
  /** Settles what the caller waits for, unless that is the first round's own promise: so rounds do not pile up promises. */
  #settle: Settle | undefined = undefined;
  #isDetached = false;
  readonly #onValue = (value: unknown): unknown => this.#succeeded(value);
  readonly #onError = (error: unknown): unknown => this.failed(error);

  readonly #idle: Frame[];

  constructor(idle = sharedFrames) {
    this.#idle = idle;
  }

  /** The signal of whoever may not want the work any more; a time limit is not among them. */
  get signal(): AbortSignal | undefined {
    return signalOf(callerOf(this.scope));
  }

  carry(steps: readonly Step[], work: Work<unknown>, options: Options, attempt: number): this {
    this.#steps = steps;
    this.#work = work;
    this.attempt = attempt;
    if (options === undefined) return this;
    this.scope = AttemptContext.sourceOf(options);
    this.deadline = options.deadline ?? Infinity;
    return this;
  }

  /** For a step that may cut the call off: the caller shall not wait for the promise of the work. */
  detach(): void {
    this.#isDetached = true;
  }

  /**
   * For a step that has detached the call and waits no longer for what is inside of it. The step is left and the call ends
   * with this error, in a frame of its own; inside it goes on in this one until the work has ended, unheard. So steps inside
   * keep what they hold, a place in a bulkhead for one, while the work really runs, and a late outcome finds its own frame.
   */
  cutOff(place: number, error: unknown): void {
    const outer = this.#idle.pop() ?? new Frame(this.#idle);
    outer.#takeOver(this, place + 1);
    this.#outermost = place + 1;
    this.#settle = nobodyWaits;
    outer.#conclude(outer.#leave(place + 1, { kind: 'error', error }));
  }

  #takeOver(inner: Frame, places: number): void {
    this.#steps = inner.#steps;
    this.#work = inner.#work;
    this.attempt = inner.attempt;
    this.#outermost = inner.#outermost;
    this.#settle = inner.#settle;
    this.#isDetached = inner.#isDetached;
    this.scope = inner.scope;
    this.deadline = inner.deadline;
    for (let place = inner.#outermost; place < places; place++) {
      this.notes[place] = inner.notes[place];
      inner.notes[place] = undefined;
      this.#steps[place]?.moved?.(this, place);
    }
  }

  /** Goes inward from there, and runs the work. */
  round(from: number): Promise<unknown> {
    const steps = this.#steps;
    if (this.scope?.aborted) return this.#endEarly(from, { kind: 'error', error: new AbortedError(this.scope.reason) });
    for (let place = from; place < steps.length; place++) {
      const entry = (steps[place] as Step).enter(this, place);
      if (entry !== undefined) return this.#stop(place, entry);
    }
    const promise = this.#isDetached && this.#settle === undefined ? this.#promise() : undefined;
    const context = new AttemptContext(this.scope, this.deadline, this.attempt);
    const answer = hop(runOnce(this.#work as Work<unknown>, context), this.#onValue, this.#onError);
    return promise ?? answer;
  }

  #stop(place: number, entry: Outcome | Wait): Promise<unknown> {
    return entry.kind === 'wait' ? this.#wait(place, entry.until) : this.#endEarly(place, entry);
  }

  /** What the caller waits for from now on. */
  #promise(): Promise<unknown> {
    // Through a local variable the compiler sees to the bottom of it, and makes no function that is only called once.
    let settle: Settle | undefined;
    const promise = new Promise<unknown>((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    return promise;
  }

  #wait(place: number, until: PromiseLike<void>): Promise<unknown> {
    this.#goOn(until, { to: place + 1, or: place });
    return this.#settle === undefined ? this.#promise() : Promise.resolve();
  }

  /** Once the wait is over the round begins at `to`; when it fails that is the outcome of whatever stands before `or`. */
  #goOn(when: PromiseLike<void>, places: { readonly to: number; readonly or: number }): void {
    const next = (): void => void this.round(places.to);
    const end = (error: unknown): void => void this.#conclude(this.#leave(places.or, { kind: 'error', error }));
    when.then(next, end);
  }

  #endEarly(place: number, ending: Outcome): Promise<unknown> {
    return Promise.resolve(this.#conclude(this.#leave(place, ending)));
  }

  #succeeded(value: unknown): unknown {
    const steps = this.#steps;
    for (let place = steps.length - 1; place >= this.#outermost; place--) {
      const ruling = (steps[place] as Step).succeeded(this, place, value);
      if (ruling !== undefined) return this.#conclude(this.#follow(ruling, place));
    }
    const settle = this.#settle;
    this.#release();
    return settle === undefined ? value : settle(value);
  }

  failed(error: unknown): unknown {
    return this.#conclude(this.#leave(this.#steps.length, { kind: 'error', error }));
  }

  /** Carries an outcome outward past the steps before `from`, and answers what has become of it. */
  #leave(from: number, outcome: Outcome): Outcome | Again | Later {
    for (let place = from - 1; place >= this.#outermost; place--) {
      const step = this.#steps[place] as Step;
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
      this.#goOn(ruling.when, { to: place + 1, or: place + 1 });
    } else if (ruling.kind === 'later') {
      const end = (outcome: Outcome): void => void this.#conclude(this.#leave(place, outcome));
      ruling.outcome.then(
        (value) => end({ kind: 'result', value }),
        (error: unknown) => end({ kind: 'error', error }),
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
    const settle = this.#settle;
    if (ending.kind === 'again' || ending.kind === 'later') return settle === undefined ? this.#promise() : undefined;
    this.#release();
    const answer = ending.kind === 'error' ? new Rejection(ending.error) : ending.value;
    return settle === undefined ? answer : settle(answer);
  }

  #release(): void {
    this.#work = undefined;
    this.#settle = undefined;
    this.#isDetached = false;
    this.scope = undefined;
    this.#outermost = 0;
    this.deadline = Infinity;
    const hasPlace = this.#idle.length < MOST_IDLE_FRAMES;
    if (!hasPlace || this.#idle === sharedFrames) this.#forget();
    if (hasPlace) this.#idle.push(this);
  }

  #forget(): void {
    for (let place = this.#steps.length - 1; place >= 0; place--) {
      this.#steps[place]?.forget?.(this, place);
      this.notes[place] = undefined;
    }
  }
}
