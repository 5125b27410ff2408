/**
 * Owns a database that does nothing but note the statements it is sent, and answer each as a test says.
 * It must never hold an expectation.
 */
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import type { Driver, ErrorClass } from '../src/driver.ts';
import type { PoolOptions } from '../src/options.ts';
import { createPool } from '../src/pool.ts';
import { createTransactor } from '../src/transaction.ts';
import type { TransactionStatements } from '../src/transaction-options.ts';

export interface Session {
  readonly id: number;
  state: 'open' | 'closed' | 'destroyed';
}

/** What the server says; `errorClass` is what the adapter knows about it. */
export class ServerError extends Error {
  readonly errorClass: ErrorClass | undefined;

  constructor(message: string, errorClass?: ErrorClass) {
    super(message);
    this.errorClass = errorClass;
  }
}

export const conflict = () => new ServerError('could not serialize access', 'conflict');
export const refusal = () => new ServerError('a constraint says no', 'statement');
export const loss = () => new ServerError('connection terminated', 'connection-lost');

type Answer = () => unknown;

function createLedgerDriver(sessions: Session[]): Driver<Session> {
  return {
    name: 'ledger',
    async open() {
      const session: Session = { id: sessions.length + 1, state: 'open' };
      sessions.push(session);
      return session;
    },
    async check() {},
    async close(session) {
      session.state = 'closed';
    },
    destroy(session) {
      session.state = 'destroyed';
    },
    classify: (error) => (error instanceof ServerError ? error.errorClass : undefined),
  };
}

/** A pool over such a database, and its `transaction`. Statements answer at once unless told otherwise. */
export function createLedgerDatabase(
  options: Partial<PoolOptions<Session>> = {},
  statements: Partial<TransactionStatements<Session>> = {},
) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const log: string[] = [];
  const sessions: Session[] = [];
  const answers = new Map<string, Answer[]>();
  const driver = createLedgerDriver(sessions);
  const pool = createPool({
    name: 'orders',
    driver,
    size: { min: 0, max: 2 },
    clock,
    timers: clock,
    random,
    ...options,
  });
  const run = (session: Session, sql: string): unknown => {
    log.push(`${session.id}: ${sql}`);
    return answers.get(sql)?.shift()?.();
  };
  const transaction = createTransactor({
    pool,
    driver: options.driver ?? driver,
    statements: {
      modes: ['isolation', 'readOnly', 'deferrable'],
      begin: ({ isolation }) => [isolation === undefined ? 'BEGIN' : `BEGIN ISOLATION LEVEL ${isolation}`],
      run,
      ...statements,
    },
    clock,
    timers: clock,
    random,
  });
  return {
    clock,
    pool,
    driver,
    sessions,
    log,
    run,
    transaction,
    /** The next answers to a statement; afterwards it answers at once again. */
    answer: (sql: string, ...next: readonly Answer[]) => answers.set(sql, [...(answers.get(sql) ?? []), ...next]),
  };
}

export function fail(error: unknown): Answer {
  return () => Promise.reject(error);
}

export function hang(): Answer {
  return () => new Promise(() => {});
}
