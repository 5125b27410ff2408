/**
 * Owns one level of a transaction: what its work is told, and the savepoint of each nested one.
 * It must never begin, commit or roll back the transaction itself.
 */
import type { AbortSignal } from '@cryo/resilience';
import { TransactionStateError } from './transaction-errors.ts';

/** What the work of a transaction is told. */
export interface TransactionContext<Connection> {
  /** Aborts with the caller's own signal, and when the pool takes the connection away. */
  readonly signal: AbortSignal;
  /** Absolute, on the pool's clock, in ms; `Infinity` for none. */
  readonly deadline: number;
  /** 0 for the first try, 1 for the first after a conflict. */
  readonly attempt: number;
  /**
   * A transaction within this one: a savepoint, to which everything goes back if its work fails. One at a time.
   *
   * @throws TransactionStateError when this transaction has ended, or another nested one of it is still running
   */
  transaction<Result>(work: TransactionWork<Connection, Result>): Promise<Result>;
}

/** The work of a transaction. It may run again after a conflict, everything that it wrote having been rolled back. */
export type TransactionWork<Connection, Result> = (
  connection: Connection,
  context: TransactionContext<Connection>,
) => Result | PromiseLike<Result>;

/** The one transaction that all levels belong to. */
export interface TransactionSession<Connection> {
  readonly connection: Connection;
  readonly wish: { readonly signal: AbortSignal; readonly deadline: number };
  readonly attempt: number;
  /** Runs one statement for as long as somebody wants it. */
  execute(sql: string): Promise<unknown>;
  /** Runs one that takes something back. */
  undo(sql: string): Promise<unknown>;
  /** @throws what ends a transaction that nobody wants any more */
  throwIfUnwanted(): void;
  /** Whether the server may go on with the transaction after this error. */
  survives(error: unknown): boolean;
  /** Why the transaction can't be committed any more, whatever its work makes of it. */
  doom: { readonly error: unknown } | undefined;
  /** Savepoints so far; their names must differ. */
  savepoints: number;
}

export class TransactionScope<Connection> {
  readonly context: TransactionContext<Connection>;
  readonly #session: TransactionSession<Connection>;
  #state: 'open' | 'nested' | 'ended' = 'open';
  #nested: Promise<unknown> = Promise.resolve();

  constructor(session: TransactionSession<Connection>) {
    this.#session = session;
    const { wish, attempt } = session;
    this.context = {
      signal: wish.signal,
      deadline: wish.deadline,
      attempt,
      transaction: (work) => this.#nest(work),
    };
  }

  /** Runs the work of this level to its end, and that of a nested one that it left behind. */
  async run<Result>(work: TransactionWork<Connection, Result>): Promise<Result> {
    try {
      return await work(this.#session.connection, this.context);
    } finally {
      await this.#end();
    }
  }

  async #end(): Promise<void> {
    const left = this.#state === 'nested';
    this.#state = 'ended';
    if (!left) return;
    this.#session.doom ??= { error: new TransactionStateError('left') };
    await this.#nested;
  }

  async #nest<Result>(work: TransactionWork<Connection, Result>): Promise<Result> {
    if (this.#state !== 'open') throw new TransactionStateError(this.#state);
    this.#state = 'nested';
    const running = this.#runNested(work);
    this.#nested = running.catch(() => {});
    try {
      return await running;
    } finally {
      if (this.#state === 'nested') this.#state = 'open';
    }
  }

  async #runNested<Result>(work: TransactionWork<Connection, Result>): Promise<Result> {
    const session = this.#session;
    const name = `cryo_${++session.savepoints}`;
    session.throwIfUnwanted();
    try {
      await session.execute(`SAVEPOINT ${name}`);
    } catch (error) {
      this.#doomBy(error);
      throw error;
    }
    try {
      const result = await new TransactionScope(session).run(work);
      session.throwIfUnwanted();
      await session.execute(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      await this.#goBack(name, error);
      throw error;
    }
  }

  /** After a conflict the server may have ended the whole transaction, so nothing may go on as if it were still there. */
  #doomBy(error: unknown): void {
    if (!this.#session.survives(error)) this.#session.doom ??= { error };
  }

  async #goBack(name: string, error: unknown): Promise<void> {
    const session = this.#session;
    this.#doomBy(error);
    if (session.doom !== undefined) return;
    try {
      await session.undo(`ROLLBACK TO SAVEPOINT ${name}`);
      await session.undo(`RELEASE SAVEPOINT ${name}`);
    } catch (failure) {
      session.doom ??= { error: failure };
    }
  }
}
