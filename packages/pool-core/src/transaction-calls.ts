/**
 * Owns the patience with an adapter's statements: how long BEGIN, COMMIT and ROLLBACK may take once nobody wants them any more.
 * It must never know what a statement says, nor what its failure means.
 */
import {
  AbortedError,
  type AbortSignal,
  CallContext,
  type Clock,
  DeadlineExceededError,
  type Timers,
} from '@cryo/resilience';
import { DriverTimeoutError } from './errors.ts';

/** What is left to a statement after an abort or the deadline, and to every rollback, in ms: as long as to a reset. */
const ENDING_MS = 5_000;

export interface TransactionTime {
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Who wants the transaction, and until when. */
export interface Wish {
  /** Aborts with the caller's signal, and when the pool takes the connection away. */
  readonly signal: AbortSignal;
  /** On the clock, in ms. */
  readonly deadline: number;
}

type Statement<Result> = (context: CallContext) => Result | PromiseLike<Result>;

export class TransactionCalls {
  readonly #time: TransactionTime;
  readonly #wish: Wish;
  #givenUp = false;

  constructor(time: TransactionTime, wish: Wish) {
    this.#time = time;
    this.#wish = wish;
  }

  /** An answer is still to come on the connection: nothing can be said to it any more. */
  get givenUp(): boolean {
    return this.#givenUp;
  }

  /** Why nobody wants the transaction any more; `undefined` while somebody does. */
  get unwanted(): Error | undefined {
    const { signal, deadline } = this.#wish;
    if (signal.aborted) return new AbortedError(signal.reason, 'The transaction was aborted, and rolled back');
    return this.#time.clock.now() >= deadline
      ? new DeadlineExceededError('The transaction was not done by its deadline')
      : undefined;
  }

  /** Waits for the answer as long as somebody wants it, and a little longer: what is nearly done may end well. */
  patiently<Result>(statement: Statement<Result>): Promise<Result> {
    const { signal, deadline } = this.#wish;
    return this.#call(statement, (giveUpIn) => {
      const unwanted = () => giveUpIn(ENDING_MS, () => this.unwanted ?? new DeadlineExceededError());
      if (signal.aborted) unwanted();
      else signal.addEventListener('abort', unwanted, { once: true });
      if (deadline !== Number.POSITIVE_INFINITY) {
        const leftMs = Math.max(0, deadline - this.#time.clock.now());
        giveUpIn(leftMs + ENDING_MS, () => this.unwanted ?? new DeadlineExceededError());
      }
      return () => signal.removeEventListener('abort', unwanted);
    });
  }

  /** Nobody waits for a rollback longer than for a reset. */
  briefly<Result>(statement: Statement<Result>): Promise<Result> {
    return this.#call(statement, (giveUpIn) => {
      giveUpIn(ENDING_MS, () => new DriverTimeoutError('reset', ENDING_MS));
      return undefined;
    });
  }

  #call<Result>(
    statement: Statement<Result>,
    limit: (giveUpIn: (delayMs: number, reason: () => Error) => void) => (() => void) | undefined,
  ): Promise<Result> {
    const context = new CallContext(Number.POSITIVE_INFINITY);
    const { timers } = this.#time;
    const cancels: (() => void)[] = [];
    const answered = new Promise<Result>((resolve, reject) => {
      const unlimit = limit((delayMs, reason) => {
        const timer = timers.set(delayMs, () => giveUp(reason()), { background: false });
        cancels.push(() => timer.cancel());
      });
      if (unlimit !== undefined) cancels.push(unlimit);
      const giveUp = (reason: Error) => {
        this.#givenUp = true;
        reject(reason);
        context.abort(reason);
      };
      new Promise<Result>((begin) => begin(statement(context))).then(resolve, reject);
    });
    return answered.finally(() => {
      for (const cancel of cancels) cancel();
    });
  }
}
