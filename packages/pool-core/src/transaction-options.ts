/**
 * Owns what a transaction can be told, by its caller and by the adapter, and the judging of it.
 * It must never know how a transaction runs.
 */
import { type Backoff, type CallContext, OptionCheck, type RetryBudget } from '@cryo/resilience';
import type { AcquireOptions } from './request.ts';

/** The levels of the SQL standard. */
export type IsolationLevel = 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable';

/** How a transaction begins. What is not given is the server's default. */
export interface TransactionMode {
  /** What it may see of others. Default: the server's. */
  readonly isolation?: IsolationLevel | undefined;
  /** The server refuses writes. */
  readonly readOnly?: boolean | undefined;
  /** Waits at its beginning until it can run without ever being in conflict; serializable and read-only ones alone. */
  readonly deferrable?: boolean | undefined;
}

/** How a transaction is tried again. */
export interface TransactionRetry {
  /** How often the whole transaction is tried again after a conflict; `Infinity` for as long as it takes. Default 3. */
  readonly maxRetries?: number | undefined;
  /** The wait before each retry. Default exponential from 25 ms to 1 s with full jitter. */
  readonly backoff?: Backoff | undefined;
  /** What retries may spend, shared by whoever is given the same one. Default: nothing limits them but `maxRetries`. */
  readonly budget?: RetryBudget | undefined;
}

/** What a caller may say about one transaction. `timeoutMs` bounds each wait for a connection, not the work. */
export interface TransactionOptions extends AcquireOptions, TransactionMode, TransactionRetry {
  /** Absolute, on the pool's clock, in ms: afterwards nothing is begun, tried again or committed. Default: none. */
  readonly deadline?: number;
}

/** What an adapter says about transactions. Every function may answer at once, throw, or answer a promise. */
export interface TransactionStatements<Connection> {
  /** What `begin` understands. Anything else is refused as a bad option. */
  readonly modes: readonly (keyof TransactionMode)[];
  /** The statements that begin a transaction, in order. */
  begin(mode: TransactionMode): readonly string[];
  /**
   * Runs one statement: those of `begin`, `COMMIT`, `ROLLBACK` and the three of savepoints. `context.signal` aborts when
   * nobody waits for the answer any more; the connection is ended then.
   */
  run(connection: Connection, sql: string, context: CallContext): unknown;
  /**
   * Why nothing can be sent on the connection any more; `undefined` while something can. Asked before `COMMIT`: what was not
   * sent was not done, so that the caller gets this reason and no unknown outcome.
   */
  lost?(connection: Connection): unknown;
  /**
   * Instead of running `COMMIT`. It rejects unless the server said that the transaction is committed: some answer a COMMIT
   * that came too late with success.
   */
  commit?(connection: Connection, context: CallContext): unknown;
  /** Instead of running `ROLLBACK`, where that would fail although nothing is left to roll back. */
  rollback?(connection: Connection, context: CallContext): unknown;
}

const LEVELS: readonly IsolationLevel[] = ['read uncommitted', 'read committed', 'repeatable read', 'serializable'];
const CALL = ['signal', 'timeoutMs', 'label', 'priority', 'deadline'];
const RETRY = ['maxRetries', 'backoff', 'budget'];
const RETRIES = { min: 0, integer: true, infinity: true, unit: 'retries' };

/**
 * Judges what is not judged by the `use` that follows.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function checkTransaction(
  pool: string,
  work: unknown,
  options: TransactionOptions,
  modes: readonly (keyof TransactionMode)[],
): void {
  const check = new OptionCheck(`Pool '${pool}': transaction`);
  if (!check.type('options', options, 'object')) check.throwIfFaulty();
  check.type('work', work, 'function');
  check.unknownKeys('', options, [...CALL, ...RETRY, ...modes]);
  const { maxRetries, backoff, budget } = options;
  if (maxRetries !== undefined) check.number('maxRetries', maxRetries, RETRIES);
  if (backoff !== undefined && check.type('backoff', backoff, 'object')) {
    check.type('backoff.delayMs', backoff.delayMs, 'function');
  }
  if (budget !== undefined && check.type('budget', budget, 'object')) {
    check.type('budget.tryTake', budget.tryTake, 'function');
  }
  checkMode(check, options);
  check.throwIfFaulty();
}

function checkMode(check: OptionCheck, { isolation, readOnly, deferrable }: TransactionMode): void {
  if (isolation !== undefined) check.oneOf('isolation', isolation, LEVELS);
  if (readOnly !== undefined) check.type('readOnly', readOnly, 'boolean');
  if (deferrable === undefined || !check.type('deferrable', deferrable, 'boolean')) return;
  if (deferrable && (isolation !== 'serializable' || readOnly !== true)) {
    check.fault('deferrable', deferrable, "to go with isolation: 'serializable' and readOnly: true");
  }
}
