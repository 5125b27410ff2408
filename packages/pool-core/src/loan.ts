/**
 * Owns the loan that ends by itself: a piece of work runs on a connection that is lent for as long as the work takes.
 * It must never know how the connection was come by, nor what becomes of it afterwards.
 *
 * ```text
 *   use(work) ─► borrowNow ─► work(connection, context) ─► succeeded │ failed ─► release ─► the caller's promise
 *                                       ▲                      └──── bound once for each connection ────┘
 * ```
 *
 * The holder never sees a lease, so none is made; and a connection has one holder at a time, so what listens to the work is made
 * once for each connection and used again. A call leaves its context and one promise behind, where an async function with a
 * lease in it leaves eight objects.
 */
import { CallContext } from '@cryo/resilience';
import type { PooledConnection } from './connection.ts';

/** The platform's own `then`, as `await` uses it, whatever a promise was patched with. */
const platformThen = Promise.prototype.then;

/** The loans of one connection, one after another. */
export class Loan<Connection> {
  readonly #record: PooledConnection<Connection>;
  /** Of the loan in force. */
  #stamp = 0;
  #context: CallContext | undefined;
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
  run<Result>(work: (connection: Connection, context: CallContext) => Result | PromiseLike<Result>): Promise<Result> {
    const record = this.#record;
    const context = new CallContext(Number.POSITIVE_INFINITY);
    this.#stamp = record.stamp;
    this.#context = context;
    let answer: Result | PromiseLike<Result>;
    try {
      answer = work(record.resource, context);
    } catch (error) {
      answer = Promise.reject(error);
    }
    return platformThen.call(Promise.resolve(answer), this.#succeeded, this.#failed) as Promise<Result>;
  }

  /** The pool took the connection away. */
  revoked(reason: unknown): void {
    this.#context?.abort(reason);
  }

  #end(error: unknown): void {
    const record = this.#record;
    this.#context = undefined;
    if (record.stamp === this.#stamp) record.desk?.release(record, error);
    else record.desk?.releasedAgain(record, { stamp: this.#stamp, label: undefined });
  }
}
