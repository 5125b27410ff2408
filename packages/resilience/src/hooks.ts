/**
 * Owns the asking of functions that users pass in: what they throw, or answer out of range, never changes a result.
 * Must never know what is asked.
 */
import { carefully, describeValue } from './errors.ts';

/** What went wrong in a function of the user's: in a listener, and which event it was listening to, or in an option. */
export interface ListenerFault {
  /** The event that was listened to, or the option that holds the function. */
  readonly event: string;
  /** What it threw, or a TypeError that says what it may not answer. */
  readonly error: unknown;
}

/** Told of every function of the user's that threw, or answered what it may not. What it throws itself is dropped. */
export type ListenerFailed = (fault: ListenerFault) => void;

/** Whoever has functions of the user's. */
export interface HookOwner {
  /** Hears what they throw, or reject with; what it throws itself is dropped. */
  readonly listenerFailed?: ListenerFailed | undefined;
}

/**
 * The user's answer, or `otherwise` where there is none that can be used; the fault is reported.
 *
 * @param hook the option that holds the function, for the report
 * @param isAnswer may be left out where nothing is made of the answer
 */
export function askHook<Answer>(
  owner: HookOwner,
  hook: string,
  ask: () => Answer,
  isAnswer: (value: unknown) => boolean,
  otherwise: Answer,
): Answer;
export function askHook(owner: HookOwner, hook: string, ask: () => unknown): unknown;
export function askHook(
  owner: HookOwner,
  hook: string,
  ask: () => unknown,
  isAnswer?: (value: unknown) => boolean,
  otherwise?: unknown,
): unknown {
  try {
    const answer = ask();
    if (answer instanceof Promise) answer.catch((error: unknown) => reportFault(owner, hook, error));
    if (!isAnswer || isAnswer(answer)) return answer;
    reportFault(owner, hook, new TypeError(`${hook} may not answer ${describeValue(answer)}`));
  } catch (error) {
    reportFault(owner, hook, error);
  }
  return otherwise;
}

export function reportFault({ listenerFailed }: HookOwner, event: string, error: unknown): void {
  // The hook is the last to hear of faults: there is nobody left to tell of its own.
  const answer: unknown = carefully(() => listenerFailed?.({ event, error }), undefined);
  if (answer instanceof Promise) answer.catch(() => {});
}
