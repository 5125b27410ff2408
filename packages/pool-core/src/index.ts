/**
 * Owns the list of what @cryo/pool-core offers; it is written by hand.
 * It must never know how any of it works.
 */
export {
  AllHostsFailedError,
  ForeignServerError,
  HostTimeoutError,
  type PeerAnswer,
  SetupFailedError,
  SilentServerError,
  UnexpectedAnswerError,
} from './adapter-errors.ts';
export { type Capacity, type CapacityTaker, unlimitedCapacity } from './capacity.ts';
export type { CloseReport, Culprit } from './closing.ts';
export {
  classifyError,
  type Driver,
  type DriverPhase,
  type ErrorClass,
  type ServerAddress,
} from './driver.ts';
export { settingsFromEnvironment } from './environment.ts';
export {
  AcquireAbortedError,
  AcquireShedError,
  AcquireTimeoutError,
  DriverTimeoutError,
  LeaseReleasedError,
  MisconfiguredError,
  PoolClosedError,
  PoolError,
  QueueFullError,
  ServerUnavailableError,
} from './errors.ts';
export type { CloseReason, PoolEvents, RefusalReason } from './events.ts';
export { FirstWords, type FirstWordsRules, type Peer, type SideConnection } from './first-words.ts';
export { deadlockFloor, type Flows } from './flows.ts';
export type { Health, HealthReason, HealthReasonCode } from './health.ts';
export { type HostContext, Hosts } from './hosts.ts';
export { Lease } from './lease.ts';
export type { Logger, PoolOptions, Settings } from './options.ts';
export { createPool, type Pool, type UseContext, type UseOptions } from './pool.ts';
export { createPoolMap } from './pool-map.ts';
export {
  type PoolMap,
  PoolMapClosedError,
  type PoolMapCloseReport,
  type PoolMapEvents,
  type PoolMapSnapshot,
} from './pool-map-contract.ts';
export type { MappedPool, MappedPoolParts, PoolMapOptions } from './pool-map-options.ts';
export type { ReadyOptions } from './readiness.ts';
export type { AcquireOptions, Priority } from './request.ts';
export {
  createUnsealer,
  isSealed,
  newSealingKey,
  SealError,
  type SealFault,
  type SealingKeys,
  seal,
  type Unsealer,
  type UnsealerOptions,
  unseal,
  unsealerFromEnvironment,
} from './sealed.ts';
export { POOL_GROUPS, parseSettings } from './settings.ts';
export { type CapacityShare, type SharedCapacity, sharedCapacity } from './shared-capacity.ts';
export { elastic } from './sizer/elastic.ts';
export { fixed } from './sizer/fixed.ts';
export type { SizeBaseline, Sizer, SizerFactory, SizerView } from './sizer/sizer.ts';
export type { ConnectionCounts, DialBreakerSnapshot, PoolSnapshot, SizeBounds } from './snapshot.ts';
export { createTransactor, type Transactor, type TransactorOptions } from './transaction.ts';
export { CommitOutcomeUnknownError, RollbackFailedError, TransactionStateError } from './transaction-errors.ts';
export type {
  IsolationLevel,
  TransactionMode,
  TransactionOptions,
  TransactionRetry,
  TransactionStatements,
} from './transaction-options.ts';
export type { TransactionContext, TransactionWork } from './transaction-scope.ts';
export { untilAborted } from './until-aborted.ts';
export { checkValidationQuery, type ValidationQueryRules } from './validation-query.ts';
