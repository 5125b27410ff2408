/**
 * Owns the questions that a breaker asks its user: the verdicts on what work did, and how long an opening lasts.
 * Must never know what follows from an answer.
 */
import type { AbortSignal } from '../deadline.ts';
import { askHook } from '../hooks.ts';
import { isVerdict, judgeErrorByDefault, type Verdict } from '../outcome.ts';
import type { BreakerSettings, Opening } from './options.ts';

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

/** How long a breaker stays open when the function that decides it fails, in ms. */
const FALLBACK_OPEN_MS = 30_000;

export function judgeOpening(
  { openForMs, listenerFailed }: Pick<BreakerSettings, 'openForMs' | 'listenerFailed'>,
  opening: Opening,
): number {
  if (typeof openForMs === 'number') return openForMs;
  return askHook(
    {
      hook: 'openForMs',
      ask: () => openForMs(opening),
      isAnswer: (value) => typeof value === 'number' && value >= 0,
      otherwise: () => FALLBACK_OPEN_MS,
    },
    listenerFailed,
  );
}
