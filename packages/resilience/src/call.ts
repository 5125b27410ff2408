/**
 * Owns one try of a call: what a caller may say about it, what work gets, and how its answer becomes a promise.
 * Must never know of any policy, nor read a clock.
 */
import { type AbortScope, type AbortSource, isScope, signalOf } from './abort-source.ts';
import { type AbortSignal, type Deadline, newController } from './deadline.ts';
import { carefully, InvalidOptionsError, type OptionFault, workTooLate } from './errors.ts';
import { faultsOf, isOfType, must, readOption } from './option-rules.ts';

/**
 * What work gets from the policy that runs it. It may be handed on as the options of another call; with a shorter deadline
 * write `{ signal: context.signal, deadline }`, for a copy made with `...context` has no signal.
 */
export interface PolicyContext {
  /**
   * Aborts when the caller's own signal does, and when a policy gives the work up: a timeout, or a hedge whose other try
   * has won. It costs nothing until it is read.
   */
  readonly signal: AbortSignal;
  /** By when the call has to be done, on the clock of the policies, in ms; Infinity when there is no limit. */
  readonly deadline: Deadline;
  /** 0 is the first try, 1 the first retry, as counted by the innermost retry. */
  readonly attempt: number;
}

/** What a policy runs. It may answer at once, with a promise or with any thenable; it may throw, and never settle. */
export type Work<Result> = (context: PolicyContext) => Result | PromiseLike<Result>;

/** What a composition that has policies of others in it makes of the work, for each of its parts. */
export interface NotedWork {
  (context: PolicyContext): unknown;
  /** The same for all parts of one call: whether the innermost work has begun. */
  readonly noted?: { hasBegun: boolean };
}

/** What a caller may say about one call. */
export interface ExecuteOptions {
  /** Aborting it starts nothing further and cuts every wait; work under way sees it as `context.signal`. */
  readonly signal?: AbortSignal | undefined;
  /** By when the call has to be done, on the clock of the policies, in ms. Default Infinity. */
  readonly deadline?: Deadline | undefined;
}

/** What work gets. One flat class: a derived one costs several times as much to make. */
export class AttemptContext implements PolicyContext {
  declare readonly deadline: Deadline;
  declare readonly attempt: number;
  #source: AbortSource | undefined;
  /** Which of the calls that a scope serves one after another this is; undefined without a scope. */
  readonly #turn: number | undefined;

  constructor(source: AbortSource | undefined, deadline: Deadline, attempt: number) {
    this.#source = source;
    this.#turn = (source as AbortScope | undefined)?.turn;
    this.deadline = deadline;
    this.attempt = attempt;
  }

  static is(options: object): options is AttemptContext {
    return #source in options;
  }

  /**
   * What stands behind a context: its scope, without making a signal of it. Nothing when the scope serves another call by now:
   * nothing aborts what has ended.
   */
  static sourceOf(context: AttemptContext): AbortSource | undefined {
    const source = context.#source;
    if (!isScope(source)) return source;
    if (source.turn !== context.#turn) return undefined;
    source.keep();
    return source;
  }

  get signal(): AbortSignal {
    const source = AttemptContext.sourceOf(this) ?? newController().signal;
    this.#source = source;
    return signalOf(source);
  }
}

/** Runs work once. Whatever it does, throwing and answering at once included, becomes a promise of the platform's own. */
export function runOnce(work: Work<unknown>, context: PolicyContext): Promise<unknown> {
  try {
    return Promise.resolve(work(context));
  } catch (error) {
    return rejectWith(error);
  }
}

/** The same for a call that is made under nothing. */
export function runAlone(work: Work<unknown>): Promise<unknown> {
  return runOnce(work, new AttemptContext(undefined, Infinity, 0));
}

/**
 * Whether an error says that this very work has never begun. One that comes out of the work says it of something else, which
 * the work itself has called.
 */
export function neverBegan(error: unknown, work: NotedWork | undefined): boolean {
  const late = workTooLate(error) as NotedWork | undefined;
  const noted = work?.noted;
  const isOfThisCall = late === work || (noted !== undefined && late?.noted === noted);
  return late !== undefined && isOfThisCall && !noted?.hasBegun;
}

const platformThen = Promise.prototype.then;

/**
 * One hop: what the handlers answer is what the caller gets. They are called at most once, and only one of them, since it is
 * the platform's own `then` that calls them, whatever a promise was patched with. Where it is not patched the plain call is
 * the one that a compiler sees through, a tenth of a bare call cheaper.
 */
export function hop(
  promise: Promise<unknown>,
  onValue: ((value: unknown) => unknown) | undefined,
  onError: (error: unknown) => unknown,
): Promise<unknown> {
  try {
    return promise.then === platformThen
      ? promise.then(onValue, onError)
      : platformThen.call(promise, onValue, onError);
  } catch (error) {
    // One that throws when it is looked at, before it has either of them, is an answer that failed.
    return rejectWith(error).then(onValue, onError);
  }
}

/**
 * Answered by a handler it rejects the promise: with less to do for the host than a throw. Its `then` is its own, where an
 * engine looks first.
 */
export class Rejection {
  // biome-ignore lint/suspicious/noThenProperty: being a thenable is its whole purpose
  declare readonly then: typeof rejectAs;
  declare readonly error: unknown;

  constructor(error: unknown) {
    // biome-ignore lint/suspicious/noThenProperty: being a thenable is its whole purpose
    this.then = rejectAs;
    this.error = error;
  }
}

function rejectAs(this: Rejection, _resolve: unknown, reject: (error: unknown) => void): void {
  reject(this.error);
}

/**
 * A promise that rejects one microtask later, when its caller has attached its handlers: one that rejects before that costs the
 * host a report of an unhandled rejection and its withdrawal, which is four times as much as all the rest. It takes over from
 * one that rejects at once, and has it for a handler by then: so nothing but the engine runs in that microtask.
 */
export function rejectWith(error: unknown): Promise<never> {
  let reject: ((error: unknown) => void) | undefined;
  const promise = new Promise<never>((_resolve, rejectIt) => {
    reject = rejectIt;
  }).then();
  reject?.(error);
  return promise;
}

/** What stands around a call, as its options say it. */
export interface Surroundings {
  readonly source: AbortSource | undefined;
  readonly deadline: Deadline;
}

/**
 * What a call is made under. For one that can't be made, since its work is no function or its options are none, the answer to
 * its caller.
 */
export function surroundingsOf(work: unknown, options: ExecuteOptions): Surroundings | Promise<never> {
  const read = readCall(work, options);
  return 'deadline' in read ? read : rejectWith(new InvalidOptionsError('execute()', read));
}

/** Whether the call can be made, and its caller has not aborted it before. */
export function isWanted(work: unknown, options: ExecuteOptions = {}): boolean {
  const read = readCall(work, options);
  return 'deadline' in read && carefully(() => !read.source?.aborted, false);
}

/** Options are read once, so that what was judged is what is used. */
function readCall(work: unknown, options: ExecuteOptions): Surroundings | readonly OptionFault[] {
  if (typeof work === 'function' && isContext(options)) {
    return { source: AttemptContext.sourceOf(options), deadline: options.deadline };
  }
  const signal = readOption(options, 'signal');
  const deadline = readOption(options, 'deadline');
  const isSound = typeof work === 'function' && isOfType(options, 'object') && isNoSignal(options);
  if (isSound && isSignal(signal) && isDeadline(deadline)) return { source: signal, deadline: deadline ?? Infinity };
  return [
    ...faultsOf('function', 'work', work),
    ...faultsOf('object', 'options', options),
    ...faultsOf(must(isNoSignal, 'options with a signal, not a signal'), 'options', options),
    ...faultsOf(must(isDeadline, 'a number of ms'), 'deadline', deadline),
    ...faultsOf(must(isSignal, 'an AbortSignal'), 'signal', signal),
  ];
}

function isContext(options: ExecuteOptions): options is AttemptContext {
  return options === Object(options) && AttemptContext.is(options);
}

/** One that is no number would never come, and so neither would the end of the call. */
function isDeadline(value: unknown): value is Deadline | undefined {
  return value === undefined || (typeof value === 'number' && value >= -Infinity);
}

function isSignal(value: unknown): value is AbortSignal | undefined {
  return value === undefined || (isMethod(value, 'addEventListener') && isMethod(value, 'removeEventListener'));
}

function isMethod(value: unknown, name: string): boolean {
  return typeof readOption(value, name) === 'function';
}

/** In the place of the options nobody would heed it. */
function isNoSignal(options: unknown): boolean {
  return !isMethod(options, 'addEventListener');
}
