/**
 * Owns what the routes may ask of the data: a piece of reading or writing work, under a label.
 * It must never know the routes, nor what kind of pool is behind it.
 */
import type { Session } from './session.ts';

/** What a piece of work is called in the pool's events, and whose patience it takes. */
export interface Errand {
  readonly label: string;
  /** Aborted when the caller has gone: a place in the queue is given up. */
  readonly signal?: AbortSignal;
}

/** Each piece of work gets a leased connection of its own, across which it waits one service time. */
export interface Database {
  read<Result>(errand: Errand, work: (session: Session) => Result): Promise<Result>;
  /** In one transaction, committed when the work returns and rolled back when it throws. */
  write<Result>(errand: Errand, work: (session: Session) => Result): Promise<Result>;
}
