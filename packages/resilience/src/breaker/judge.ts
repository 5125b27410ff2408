/**
 * Owns the verdicts of a breaker on what work did: the user's judges first, the defaults where those fail.
 * Must never know what a verdict leads to.
 */
import type { AbortSignal } from '../deadline.ts';
import { askHook } from '../hooks.ts';
import { isVerdict, judgeErrorByDefault, type Verdict } from '../outcome.ts';
import type { BreakerSettings } from './options.ts';

type Judges = Pick<BreakerSettings, 'judgeError' | 'judgeResult' | 'listenerFailed'>;

export function judgeResult({ judgeResult, listenerFailed }: Judges, result: unknown): Verdict {
  if (judgeResult === undefined) return 'success';
  return askHook(
    { hook: 'judgeResult', ask: () => judgeResult(result), isAnswer: isVerdict, otherwise: () => 'success' },
    listenerFailed,
  );
}

export function judgeError(
  { judgeError, listenerFailed }: Judges,
  error: unknown,
  signal: AbortSignal | undefined,
): Verdict {
  const otherwise = (): Verdict => judgeErrorByDefault(error, signal);
  if (judgeError === undefined) return otherwise();
  return askHook(
    { hook: 'judgeError', ask: () => judgeError(error, signal), isAnswer: isVerdict, otherwise },
    listenerFailed,
  );
}
