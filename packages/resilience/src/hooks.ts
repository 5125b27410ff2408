/**
 * Owns the asking of functions that users pass in: what they throw, or answer out of range, never changes a result.
 * Must never know what is asked.
 */
import { describeValue } from './errors.ts';

/** What went wrong in a function of the user's: in a listener, and which event it was listening to, or in an option. */
export interface ListenerFault {
  readonly event: string;
  readonly error: unknown;
}

/** Told of every function of the user's that threw, or answered what it may not. What it throws itself is dropped. */
export type ListenerFailed = (fault: ListenerFault) => void;

/**
 * The user's answer, or `otherwise` where there is none that can be used; the fault is reported.
 *
 * @param hook the option that holds the function, for the report
 */
export function askHook<Answer>(
  failed: ListenerFailed | undefined,
  hook: string,
  ask: () => Answer,
  isAnswer: (value: unknown) => boolean,
  otherwise: Answer,
): Answer {
  try {
    const answer: unknown = ask();
    if (isAnswer(answer)) return answer as Answer;
    if (answer instanceof Promise) answer.catch((error: unknown) => reportFault(failed, hook, error));
    reportFault(failed, hook, new TypeError(`${hook} may not answer ${describeValue(answer)}`));
  } catch (error) {
    reportFault(failed, hook, error);
  }
  return otherwise;
}

export function reportFault(failed: ListenerFailed | undefined, event: string, error: unknown): void {
  try {
    failed?.({ event, error });
  } catch {
    // The hook is the last to hear of faults: there is nobody left to tell.
  }
}
