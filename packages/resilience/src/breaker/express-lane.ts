/**
 * Owns the short way through a closed breaker that is asked alone: one hop, and nothing of its own per call.
 * Must never know any state but closed.
 */
import { hop, Rejection, runAlone, type Work } from '../call.ts';
import { judgeError, judgeResult } from './judge.ts';
import type { BreakerSettings } from './options.ts';
import type { Permit } from './state.ts';
import type { Gate } from './step.ts';

/**
 * While a breaker stays closed every call has the same permit, so the handlers that settle it are made once per closed
 * period and not once per call. The outcome of a call that outlasts the period is stale, as its permit is.
 */
export class ExpressLane {
  readonly #onValue: (value: unknown) => unknown;
  readonly #onError: (error: unknown) => unknown;

  constructor(gate: Gate, settings: BreakerSettings, permit: Permit) {
    const isJudged = settings.judgeResult !== undefined;
    this.#onValue = (value) => {
      gate.settle(permit, isJudged ? judgeResult(settings, value) : 'success', undefined, value);
      return value;
    };
    this.#onError = (error) => {
      gate.settle(permit, judgeError(settings, error, undefined), undefined, error);
      return new Rejection(error);
    };
  }

  run(work: Work<unknown>): Promise<unknown> {
    return hop(runAlone(work), this.#onValue, this.#onError);
  }
}
