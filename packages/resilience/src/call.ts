/**
 * Owns one call on its way through policies: what work gets, what a step of a policy is, and the one loop that drives it.
 * Must never know what any step decides, nor read a clock.
 */
import { type AbortSignal, type Deadline, LazyAbort } from './deadline.ts';
import { AbortedError } from './errors.ts';
import { OptionCheck } from './options.ts';
import type { Outcome } from './outcome.ts';

/** What work gets from the policy that runs it. */
export interface PolicyContext {
  /** Aborts when the caller's own signal does; without one it never does. It costs nothing until it is read. */
  readonly signal: AbortSignal;
  /** By when the call has to be done, on the clock of the policies, in ms; Infinity when there is no limit. */
  readonly deadline: Deadline;
  /** 0 is the first try, 1 the first retry, as counted by the innermost retry. */
  readonly attempt: number;
}

/** What a policy runs. It may answer at once, with a promise or with any thenable; it may throw, and never settle. */
export type Work<Result> = (context: PolicyContext) => Result | PromiseLike<Result>;

/** What a caller may say about one call. */
export interface ExecuteOptions {
  /** Aborting it starts nothing further and cuts every wait; work under way sees it as `context.signal`. */
  readonly signal?: AbortSignal | undefined;
  /** By when the call has to be done, on the clock of the policies, in ms. Default Infinity. */
  readonly deadline?: Deadline | undefined;
}

/** What a step makes of an outcome: it lets it pass (undefined), replaces it, or has it all again once `when` resolves. */
export type Ruling = undefined | Outcome | Again;

interface Again {
  readonly kind: 'again';
  /** A rejection is treated as the outcome of the round that did not begin. */
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

const RESOLVED = Promise.resolve();
/** The platform's own `then` calls exactly one of its handlers, once, whatever a promise was patched with. */
const { then } = Promise.prototype;
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

/** One call in flight: the caller's options, what each step has to remember, and how far the call has come. */
export class Frame {
  signal: AbortSignal | undefined = undefined;
  deadline: Deadline = Infinity;
  attempt = 0;
  readonly notes: unknown[] = [undefined, undefined, undefined, undefined];
  #steps: readonly Step[] = [];
  #work: Work<unknown> | undefined = undefined;
  /** What the caller waits for once the call has ended early or gone round again, so that rounds pile nothing up. */
  #deferred: Deferred | undefined = undefined;
  readonly #onValue = (value: unknown): unknown => this.#succeeded(value);
  readonly #onError = (error: unknown): unknown =>
    this.#conclude(this.#leave(this.#steps.length, { kind: 'error', error }));

  begin(
    steps: readonly Step[],
    work: Work<unknown>,
    options: ExecuteOptions | undefined,
    attempt: number,
  ): Promise<unknown> {
    this.#steps = steps;
    this.#work = work;
    this.attempt = attempt;
    if (options !== undefined) {
      this.signal = options.signal;
      this.deadline = options.deadline ?? Infinity;
    }
    return this.#round(0);
  }

  #round(from: number): Promise<unknown> {
    const steps = this.#steps;
    if (this.signal?.aborted) return this.#endEarly(from, abortedBy(this.signal));
    for (let place = from; place < steps.length; place++) {
      const ending = (steps[place] as Step).enter(this, place);
      if (ending !== undefined) return this.#endEarly(place, ending);
    }
    return then.call(this.#attempt(), this.#onValue, this.#onError);
  }

  #attempt(): Promise<unknown> {
    try {
      const work = this.#work as Work<unknown>;
      return Promise.resolve(work(new AttemptContext(this.signal, this.deadline, this.attempt)));
    } catch (error) {
      return rejectLater(error);
    }
  }

  #endEarly(place: number, ending: Outcome): Promise<unknown> {
    this.#deferred ??= new Deferred();
    const { promise } = this.#deferred;
    this.#conclude(this.#leave(place, ending));
    return promise;
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
   * the answer is returned or thrown; later nobody does, and nothing may be thrown.
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
    if (ending.kind === 'error') throw ending.error;
    return ending.value;
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

/** What work gets. One flat class: a derived one costs several times as much to make. */
export class AttemptContext implements PolicyContext {
  readonly deadline: Deadline;
  readonly attempt: number;
  #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined, deadline: Deadline, attempt: number) {
    this.#signal = signal;
    this.deadline = deadline;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    this.#signal ??= new LazyAbort().signal;
    return this.#signal;
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

  /**
   * A rejection comes one microtask later, when the caller has attached its handlers: a promise that rejects before costs
   * the host a report of an unhandled rejection and its withdrawal.
   */
  settle(ending: Outcome): void {
    if (ending.kind === 'result') this.#resolve(ending.value);
    else void then.call(RESOLVED, () => this.#reject(ending.error));
  }
}

function ignore(): void {}

function rejectLater(error: unknown): Promise<unknown> {
  const deferred = new Deferred();
  deferred.settle({ kind: 'error', error });
  return deferred.promise;
}

function abortedBy(signal: AbortSignal): Outcome {
  return { kind: 'error', error: new AbortedError(signal.reason) };
}

function rejectBadWork(work: unknown): Promise<never> {
  const check = new OptionCheck('execute()');
  check.type('work', work, 'function');
  return Promise.resolve().then(() => check.throwIfFaulty()) as Promise<never>;
}
