/**
 * Owns the list of what @cryo/pool-mysql2 offers; it is written by hand.
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
  ConnectionEndedError,
  NotMysqlError,
  SessionNotCleanError,
  StatementAbortedError,
  TargetMismatchError,
  TlsFailedError,
  TlsRefusedError,
  TransactionLostError,
} from './mysql2-errors.ts';
export type { MysqlOnConnect, MysqlPoolGroups, MysqlPoolOptions, MysqlReset } from './mysql2-options.ts';
export { createMysqlPool, type MysqlPool, type MysqlStreamOptions } from './mysql2-pool.ts';
export type { MysqlTransactionOptions, TransactionWork } from './mysql2-transaction.ts';
export type { MysqlConnection, MysqlConnectionConfig, MysqlHost, MysqlResult, MysqlTarget } from './mysql2-types.ts';
