/**
 * Owns the loan that ends by itself: a piece of work runs on a connection that is lent for as long as the work takes.
 * It must never know how the connection was come by, nor what becomes of it afterwards.
 *
 * ```text
 *   use(work) ─► borrow ─► work(connection, context) ─► succeeded │ failed ─► release ─► the caller's promise
 *                                    ▲                      └──── bound once for each connection ────┘
 * ```
 *
 * The holder never sees a lease, so none is made; and a connection has one holder at a time, so what listens to the work is made
 * once for each connection and used again. A call leaves its context and one promise behind, where an async function with a
 * lease in it leaves eight objects. The context looks for itself whether its loan is in force, so nobody has to remember it:
 * an old object that holds a new one has to be written down for the garbage collector each time.
 */
import { type AbortSignal, CallContext } from '@cryo/resilience';
import type { PooledConnection, WorkContext } from './connection.ts';

/** The platform's own `then`, as `await` uses it, whatever a promise was patched with. */
const platformThen = Promise.prototype.then;

/** What the work of one loan is told. */
class LoanContext implements WorkContext {
  readonly #record: PooledConnection<unknown>;
  readonly #stamp: number;
  #call: CallContext | undefined;

  constructor(record: PooledConnection<unknown>) {
    this.#record = record;
    this.#stamp = record.stamp;
  }

  get deadline(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Aborts when the pool takes the connection away, or has done so; never once the work gave it back. */
  get signal(): AbortSignal {
    this.#call ??= LoanContext.#listen(this);
    return this.#call.signal;
  }

  /** Private to the class: one that is private to a context would be a word more in each of them. */
  static #listen(context: LoanContext): CallContext {
    const record = context.#record;
    const stamp = context.#stamp;
    const call = new CallContext(Number.POSITIVE_INFINITY);
    if (record.stamp === stamp) record.detail().revoke = (reason) => call.abort(reason);
    else if (record.revocation?.stamp === stamp) call.abort(record.revocation.cause);
    return call;
  }
}

/** The loans of one connection, one after another. */
export class Loan<Connection> {
  readonly #record: PooledConnection<Connection>;
  /** Of the loan in force. */
  #stamp = 0;
  readonly #succeeded: (result: unknown) => unknown;
  readonly #failed: (error: unknown) => never;

  constructor(record: PooledConnection<Connection>) {
    this.#record = record;
    this.#succeeded = (result) => {
      this.#end(undefined);
      return result;
    };
    this.#failed = (error) => {
      this.#end(error);
      throw error;
    };
  }

  /** Runs the work on the connection, which was just lent, and gives it back; the answer is the work's own. */
  run<Result>(work: (connection: Connection, context: WorkContext) => Result | PromiseLike<Result>): Promise<Result> {
    const record = this.#record;
    this.#stamp = record.stamp;
    let answer: Promise<Result>;
    try {
      const given = work(record.resource, new LoanContext(record));
      // What `Promise.resolve` asks. Asked here, the engine knows what it calls `then` of, and makes the promise in place.
      if (given instanceof Promise && given.constructor === Promise) return this.#endAfter(given);
      answer = Promise.resolve(given);
    } catch (error) {
      answer = Promise.reject(error);
    }
    return this.#endAfter(answer);
  }

  #endAfter<Result>(answer: Promise<Result>): Promise<Result> {
    return platformThen.call(answer, this.#succeeded, this.#failed) as Promise<Result>;
  }

  #end(error: unknown): void {
    const record = this.#record;
    if (record.stamp !== this.#stamp) return this.#endedAgain();
    record.desk.release(record, error);
  }

  #endedAgain(): void {
    const record = this.#record;
    record.desk.releasedAgain(record, { stamp: this.#stamp, label: undefined });
  }
}
