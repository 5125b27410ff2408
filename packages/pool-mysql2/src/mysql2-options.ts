/**
 * Owns what `createMysqlPool` can be told, option by option, with its unit and default.
 * It must never know which values are sound, nor what any of them does.
 */
import type { Driver, PoolOptions, Unsealer } from '@cryo/pool-core';
import type { MysqlConnection, MysqlConnectionConfig, MysqlTarget } from './mysql2-types.ts';

/** The options of `createPool` without `name` and `driver`, which the adapter gives. */
export type MysqlPoolGroups = Omit<PoolOptions<MysqlConnection>, 'name' | 'driver'>;

/** Prepares each new connection, and one that was reset, before it is lent. It is awaited, within the time of the dial. */
export type MysqlOnConnect = (connection: MysqlConnection) => unknown;

/** What a connection is freed of when it comes home. */
export type MysqlReset = 'everything' | 'session' | 'transaction';

/** What makes a pool for MySQL or MariaDB. Only `connection` is required. */
export interface MysqlPoolOptions extends MysqlPoolGroups {
  /** `mysql://user:password@host:port/database`, or mysql2's own configuration of a connection. */
  readonly connection: string | MysqlConnectionConfig;
  /** Names the pool. Default: the database's name, else the host's. */
  readonly name?: string;
  /** `'primary'`: a server that takes no writes will not do, at a dial and at each check. Default `'any'`. */
  readonly target?: MysqlTarget;
  /** Session settings go here: `(connection) => connection.query("SET time_zone = '+00:00'")`. Default: none. */
  readonly onConnect?: MysqlOnConnect;
  /**
   * `'session'`: nothing of a lease remains: what it left open is rolled back, and where it did more, COM_RESET_CONNECTION
   * and `onConnect` follow. `'everything'`: the same after every lease that said anything. `'transaction'`: only a transaction
   * is ended. Default `'session'`.
   */
  readonly resetLevel?: MysqlReset;
  /** One `SELECT` or `VALUES` whose first column of the first row must be 1. Default: COM_PING. */
  readonly validationQuery?: string;
  /** Opens sealed values of `connection` at each dial. Default: with the keys of `CRYO_SEALING_KEY`. */
  readonly unsealer?: Unsealer;
  /** Stands between the pool and its driver, for tracing or for faults in tests. It passes on the connections it is given. */
  readonly wrapDriver?: (driver: Driver<MysqlConnection>) => Driver<MysqlConnection>;
}
