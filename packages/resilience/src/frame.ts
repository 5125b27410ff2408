/**
 * Owns a call on its way through the steps of policies: what a step is, and the one loop that drives them.
 * Must never know what any step decides.
 */
import { AttemptContext, type ExecuteOptions, hop, Rejection, runOnce, type Work } from './call.ts';
import type { AbortSignal, Deadline } from './deadline.ts';
import { AbortedError } from './errors.ts';
import { OptionCheck } from './options.ts';
import type { Outcome } from './outcome.ts';

/** What a step makes of an outcome: it lets it pass (undefined), replaces it, or has it all again once `when` resolves. */
export type Ruling = undefined | Outcome | Again;

interface Again {
  readonly kind: 'again';
  /** A rejection is the outcome of the round that did not begin. */
  readonly when: PromiseLike<void>;
}

/**
 * A policy as the driving loop sees it.
 *
 *     enter 0 → enter 1 → work → succeeded or failed 1 → succeeded or failed 0
 *
 * A step that ends the call in `enter` is not left. What a step has to remember of one call lies in `frame.notes[place]`.
 */
export interface Step {
  enter(frame: Frame, place: number): Outcome | undefined;
  succeeded(frame: Frame, place: number, value: unknown): Ruling;
  failed(frame: Frame, place: number, error: unknown): Ruling;
}

const MOST_IDLE_FRAMES = 128;
/** Frames are used again with their handlers: making those afresh for each call costs as much as the rest of the loop. */
const idleFrames: Frame[] = [];

/** Runs work inside steps, the first being the outermost. `attempt` is what the first try is called. */
export function drive<Result>(
  steps: readonly Step[],
  work: Work<Result>,
  options: ExecuteOptions | undefined,
  attempt = 0,
): Promise<Result> {
  if (typeof work !== 'function') return rejectBadWork(work);
  const frame = idleFrames.pop() ?? new Frame();
  return frame.begin(steps, work, options, attempt) as Promise<Result>;
}

/**
 * Takes up a call whose first try was made without a frame and has failed. It is for steps that do nothing in `enter` and
 * with a success.
 */
export function driveOn(
  steps: readonly Step[],
  work: Work<unknown>,
  options: ExecuteOptions | undefined,
  error: unknown,
): unknown {
  const frame = idleFrames.pop() ?? new Frame();
  return frame.takeUp(steps, work, options, error);
}

/** One call in flight: the caller's options, what each step has to remember, and how far the call has come. */
export class Frame {
  signal: AbortSignal | undefined = undefined;
  deadline: Deadline = Infinity;
  attempt = 0;
  readonly notes: unknown[] = [undefined, undefined, undefined, undefined];
  #steps: readonly Step[] = [];
  #work: Work<unknown> | undefined = undefined;
  /** What the caller waits for once the call has gone round again, so that rounds do not pile up promises. */
  #deferred: Deferred | undefined = undefined;
  readonly #onValue = (value: unknown): unknown => this.#succeeded(value);
  readonly #onError = (error: unknown): unknown => this.#failed(error);

  begin(
    steps: readonly Step[],
    work: Work<unknown>,
    options: ExecuteOptions | undefined,
    attempt: number,
  ): Promise<unknown> {
    this.#carry(steps, work, options);
    this.attempt = attempt;
    return this.#round(0);
  }

  takeUp(steps: readonly Step[], work: Work<unknown>, options: ExecuteOptions | undefined, error: unknown): unknown {
    this.#carry(steps, work, options);
    this.attempt = 0;
    return this.#failed(error);
  }

  #carry(steps: readonly Step[], work: Work<unknown>, options: ExecuteOptions | undefined): void {
    this.#steps = steps;
    this.#work = work;
    if (options === undefined) return;
    this.signal = options.signal;
    this.deadline = options.deadline ?? Infinity;
  }

  #round(from: number): Promise<unknown> {
    const steps = this.#steps;
    if (this.signal?.aborted) return this.#endEarly(from, abortedBy(this.signal));
    for (let place = from; place < steps.length; place++) {
      const ending = (steps[place] as Step).enter(this, place);
      if (ending !== undefined) return this.#endEarly(place, ending);
    }
    const context = new AttemptContext(this.signal, this.deadline, this.attempt);
    return hop(runOnce(this.#work as Work<unknown>, context), this.#onValue, this.#onError);
  }

  #endEarly(place: number, ending: Outcome): Promise<unknown> {
    return Promise.resolve(this.#conclude(this.#leave(place, ending)));
  }

  #succeeded(value: unknown): unknown {
    const steps = this.#steps;
    for (let place = steps.length - 1; place >= 0; place--) {
      const ruling = (steps[place] as Step).succeeded(this, place, value);
      if (ruling !== undefined) return this.#conclude(this.#follow(ruling, place));
    }
    const deferred = this.#deferred;
    this.#release();
    return deferred === undefined ? value : deferred.settle({ kind: 'result', value });
  }

  #failed(error: unknown): unknown {
    return this.#conclude(this.#leave(this.#steps.length, { kind: 'error', error }));
  }

  /** Carries an outcome outward past the steps before `from`, and answers what has become of it. */
  #leave(from: number, outcome: Outcome): Outcome | Again {
    for (let place = from - 1; place >= 0; place--) {
      const step = this.#steps[place] as Step;
      const ruling =
        outcome.kind === 'result'
          ? step.succeeded(this, place, outcome.value)
          : step.failed(this, place, outcome.error);
      if (ruling !== undefined) return this.#follow(ruling, place);
    }
    return outcome;
  }

  #follow(ruling: Outcome | Again, place: number): Outcome | Again {
    if (ruling.kind !== 'again') return this.#leave(place, ruling);
    const inside = place + 1;
    const nextRound = (): void => void this.#round(inside);
    const noRound = (error: unknown): void => void this.#conclude(this.#leave(inside, { kind: 'error', error }));
    ruling.when.then(nextRound, noRound);
    return ruling;
  }

  /**
   * Tells the caller how it ended. In the first round the caller waits for the very promise whose handler this runs in, so
   * the answer is returned; later nobody looks at what is returned here.
   */
  #conclude(ending: Outcome | Again): unknown {
    const deferred = this.#deferred;
    if (ending.kind === 'again') {
      if (deferred !== undefined) return undefined;
      this.#deferred = new Deferred();
      return this.#deferred.promise;
    }
    this.#release();
    if (deferred !== undefined) return deferred.settle(ending);
    return ending.kind === 'error' ? new Rejection(ending.error) : ending.value;
  }

  #release(): void {
    const { notes } = this;
    for (let place = this.#steps.length - 1; place >= 0; place--) notes[place] = undefined;
    this.#work = undefined;
    this.#deferred = undefined;
    this.signal = undefined;
    this.deadline = Infinity;
    if (idleFrames.length < MOST_IDLE_FRAMES) idleFrames.push(this);
  }
}

class Deferred {
  readonly promise: Promise<unknown>;
  #resolve: (value: unknown) => void = ignore;
  #reject: (error: unknown) => void = ignore;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  settle(ending: Outcome): void {
    if (ending.kind === 'result') this.#resolve(ending.value);
    else this.#reject(ending.error);
  }
}

function ignore(): void {}

function abortedBy(signal: AbortSignal): Outcome {
  return { kind: 'error', error: new AbortedError(signal.reason) };
}

function rejectBadWork(work: unknown): Promise<never> {
  const check = new OptionCheck('execute()');
  check.type('work', work, 'function');
  return Promise.resolve().then(() => check.throwIfFaulty()) as Promise<never>;
}
