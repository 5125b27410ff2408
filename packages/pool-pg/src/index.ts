/**
 * Owns the list of what @cryo/pool-pg offers; it is written by hand.
 * It must never know how any of it works.
 */
export {
  AllHostsFailedError,
  HostTimeoutError,
  SetupFailedError,
  SilentServerError,
  UnexpectedAnswerError,
} from '@cryo/pool-core';
export {
  CommitRefusedError,
  ConfigurationRefusedError,
  ConnectionEndedError,
  HungUpError,
  NotPostgresError,
  TargetMismatchError,
  TlsRefusedError,
  UnreadableAnswerError,
} from './pg-errors.ts';
export type { PgListenOptions, PgNotificationHandler, PgSubscription } from './pg-listen.ts';
export type { PgOnConnect, PgPoolOptions, PgReset } from './pg-options.ts';
export { createPgPool, type PgPool } from './pg-pool.ts';
export type { PgTransactionWork } from './pg-transaction.ts';
export type { PgConnection, PgConnectionConfig, PgHost, PgLogin, PgTarget } from './pg-types.ts';
