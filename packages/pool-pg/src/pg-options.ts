/**
 * Owns what `createPgPool` can be told, option by option, with its default.
 * It must never know which values are sound, nor what any of them does.
 */
import type { Driver, PoolOptions, Unsealer } from '@cryo/pool-core';
import type { PgConnection, PgConnectionConfig, PgTarget } from './pg-types.ts';

/**
 * What a connection is cleaned of before its next lease. `'transaction'`: one that was left open, which costs nothing when
 * there is none. `'session'`: settings, temporary tables, locks, cursors and LISTEN too, at one round trip for each lease;
 * prepared statements stay. `'everything'`: `DISCARD ALL`. After the latter two `onConnect` runs again.
 */
export type PgReset = 'transaction' | 'session' | 'everything';

/** Sets up a new session before it is lent; awaited. What it throws fails the dial. */
export type PgOnConnect = (connection: PgConnection) => unknown;

/** `createPool`'s options, and what is PostgreSQL's own. Only `connection` is required. */
export interface PgPoolOptions extends Omit<PoolOptions<PgConnection>, 'name' | 'driver'> {
  /** A connection string, several hosts allowed, or pg's own configuration of a client. Never changed. */
  readonly connection: string | PgConnectionConfig;
  /** Names the pool, and its connections on the server (`application_name`) where these have no other name. Default: the database. */
  readonly name?: string;
  /** Which servers will do; each dial and each check asks. Default: `target_session_attrs` of the string, else `'any'`. */
  readonly target?: PgTarget;
  /** One `SELECT` or `VALUES` whose first column of the first row must be 1. Default: an empty statement, which is cheaper. */
  readonly validationQuery?: string;
  /** Sets up a new session before it is lent, and again after a full reset. Default: nothing. */
  readonly onConnect?: PgOnConnect;
  /** Default `'transaction'`. */
  readonly resetLevel?: PgReset;
  /** Opens sealed values of `connection` at dial time. Default: with the key in `CRYO_SEALING_KEY`. */
  readonly unsealer?: Unsealer;
  /** Stands between the pool and its driver, for tracing or for faults in tests. It passes on the connections it is given. */
  readonly wrapDriver?: (driver: Driver<PgConnection>) => Driver<PgConnection>;
}
