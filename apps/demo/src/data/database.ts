/**
 * Owns what the service may ask of a database, whichever it is: a piece of reading or writing work, under a label.
 * It must never know the routes, nor what kind of pool is behind it.
 */
import type { CloseReport, Health, Pool } from '@cryo/pool-core';
import type { Trouble } from '../chaos/chaos.ts';
import type { Pools } from './pools.ts';
import type { Session } from './session.ts';

/** The databases on which the service runs. */
export const DATABASES = ['sqlite', 'postgres', 'mysql'] as const;

export type DatabaseKind = (typeof DATABASES)[number];

/** What a piece of work is called in the pool's events, and whose patience it takes. */
export interface Errand {
  readonly label: string;
  /** Aborted when the caller has gone: a place in the queue is given up. */
  readonly signal?: AbortSignal;
}

export type Work<Result> = (session: Session) => Result | Promise<Result>;

/** Each piece of work gets a leased connection of its own, across which it waits one service time. */
export interface Database {
  read<Result>(errand: Errand, work: Work<Result>): Promise<Result>;
  /** In one transaction, committed when the work returns and rolled back when it throws. */
  write<Result>(errand: Errand, work: Work<Result>): Promise<Result>;
}

/** A database that is ready: its tables are there and filled. */
export interface OpenDatabase {
  readonly database: Database;
  readonly pools: Pools<Pool<unknown>>;
  /** Whether it was filled just now. */
  readonly origin: 'seeded' | 'found';
  /** Where the data is, for a person to read; no secret in it. */
  readonly place: string;
  /** What chaos may do to it. */
  readonly trouble: Trouble;
  health(): Health;
  /** Closes the pools, and the server where it is the demo's own. */
  close(options?: { readonly timeoutMs?: number }): Promise<CloseReport>;
}

/** The database belongs to some other program, or to another version of this one; it was not touched. */
export class ForeignDatabaseError extends Error {
  constructor(place: string, what: string) {
    super(`${place} ${what}`);
    this.name = 'ForeignDatabaseError';
  }
}

/** The database can't be used: no place, no right, no answer, or no database. */
export class UnusableDatabaseError extends Error {
  constructor(place: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${place} can't be used: ${reason}`, { cause });
    this.name = 'UnusableDatabaseError';
  }
}
