/**
 * Owns one attempt at a transaction on one connection: begin, work, and the one right end.
 * It must never try again, nor know any dialect.
 */
import { classifyError, type Driver, type ErrorClass } from './driver.ts';
import type { Pool, UseContext, UseOptions } from './pool.ts';
import type { Redactor } from './redaction.ts';
import { TransactionCalls, type TransactionTime } from './transaction-calls.ts';
import { CommitOutcomeUnknownError, RollbackFailedError, saysOutcomeUnknown } from './transaction-errors.ts';
import type { TransactionMode, TransactionStatements } from './transaction-options.ts';
import { TransactionScope, type TransactionSession, type TransactionWork } from './transaction-scope.ts';

/** What every attempt needs. */
export interface TransactionDesk<Connection> {
  readonly pool: Pool<Connection>;
  readonly driver: Driver<Connection>;
  readonly statements: TransactionStatements<Connection>;
  readonly time: TransactionTime;
  readonly redactor: Redactor;
}

/** What this attempt is. */
export interface TransactionPlan {
  readonly attempt: number;
  readonly mode: TransactionMode;
  readonly use: UseOptions;
}

/** Runs the work once. It rejects with what the work, or the server, failed with, after that was rolled back. */
export async function attemptTransaction<Connection, Result>(
  desk: TransactionDesk<Connection>,
  work: TransactionWork<Connection, Result>,
  plan: TransactionPlan,
): Promise<Result> {
  let failure: { readonly error: unknown } | undefined;
  try {
    return await desk.pool.use(async (connection, context) => {
      const attempt = new Attempt(desk, plan, connection, context);
      try {
        return await attempt.run(work);
      } catch (error) {
        failure = { error };
        // What the lease ends with decides over the connection; what the caller gets is the failure itself.
        throw await attempt.endWith(error);
      }
    }, plan.use);
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  }
}

class Attempt<Connection> implements TransactionSession<Connection> {
  readonly connection: Connection;
  readonly wish: UseContext;
  readonly attempt: number;
  doom: { readonly error: unknown } | undefined;
  savepoints = 0;
  readonly #desk: TransactionDesk<Connection>;
  readonly #plan: TransactionPlan;
  readonly #calls: TransactionCalls;

  constructor(desk: TransactionDesk<Connection>, plan: TransactionPlan, connection: Connection, wish: UseContext) {
    this.#desk = desk;
    this.#plan = plan;
    this.connection = connection;
    this.wish = wish;
    this.attempt = plan.attempt;
    this.#calls = new TransactionCalls(desk.time, wish);
  }

  async run<Result>(work: TransactionWork<Connection, Result>): Promise<Result> {
    for (const sql of this.#desk.statements.begin(this.#plan.mode)) await this.execute(sql);
    const result = await new TransactionScope(this).run(work);
    if (this.doom !== undefined) throw this.doom.error;
    this.throwIfUnwanted();
    await this.#commit();
    return result;
  }

  execute(sql: string): Promise<unknown> {
    const { statements } = this.#desk;
    return this.#calls.patiently((context) => statements.run(this.connection, sql, context));
  }

  undo(sql: string): Promise<unknown> {
    const { statements } = this.#desk;
    return this.#calls.briefly((context) => statements.run(this.connection, sql, context));
  }

  throwIfUnwanted(): void {
    if (this.#takenAway) throw this.wish.signal.reason;
    const { unwanted } = this.#calls;
    if (unwanted !== undefined) throw unwanted;
  }

  survives(error: unknown): boolean {
    if (this.#takenAway || this.#calls.givenUp) return false;
    const errorClass = classifyError(this.#desk.driver, error, 'use');
    return errorClass !== 'conflict' && !isLoss(errorClass);
  }

  /** Rolls back, and answers what the lease is to end with. */
  async endWith(error: unknown): Promise<unknown> {
    if (this.#takenAway || saysOutcomeUnknown(error)) return error;
    if (this.#calls.givenUp) return this.#rollbackFailed(error);
    if (isLoss(classifyError(this.#desk.driver, error, 'use'))) return error;
    const { statements } = this.#desk;
    try {
      await this.#calls.briefly((context) =>
        statements.rollback === undefined
          ? statements.run(this.connection, 'ROLLBACK', context)
          : statements.rollback(this.connection, context),
      );
      return error;
    } catch (failure) {
      return this.#rollbackFailed(failure);
    }
  }

  async #commit(): Promise<void> {
    const { statements, driver, pool, redactor } = this.#desk;
    const lost = statements.lost?.(this.connection);
    if (lost !== undefined) throw lost;
    try {
      await this.#calls.patiently((context) =>
        statements.commit === undefined
          ? statements.run(this.connection, 'COMMIT', context)
          : statements.commit(this.connection, context),
      );
    } catch (error) {
      if (!this.#calls.givenUp && isAnswer(driver, error)) throw error;
      throw new CommitOutcomeUnknownError(pool.name, redactor.mask(error));
    }
  }

  #rollbackFailed(cause: unknown): RollbackFailedError {
    return new RollbackFailedError(this.#desk.redactor.mask(cause));
  }

  /** The pool has ended the connection, and with it the transaction; it must not be touched any more. */
  get #takenAway(): boolean {
    const { signal } = this.wish;
    return (
      signal.aborted && (this.#plan.use.signal?.aborted !== true || this.#plan.use.signal.reason !== signal.reason)
    );
  }
}

function isLoss(errorClass: ErrorClass): boolean {
  return errorClass === 'connection-lost' || errorClass === 'server-unavailable';
}

/** Whether an error of COMMIT is the server's own word. What the adapter has no opinion about may be anything. */
function isAnswer<Connection>(driver: Driver<Connection>, error: unknown): boolean {
  try {
    const decided = driver.classify?.(error, 'use');
    return decided !== undefined && !isLoss(decided);
  } catch {
    return false;
  }
}
