/**
 * Owns the list of what @cryo/pool-core offers to tests: the simulated driver and the checks of the pool's promises.
 * It must never know anything that a running service needs.
 */
export {
  type CallKind,
  type CallRecord,
  GroundTruth,
  type Misuse,
  type SimulatedConnection,
  type TruthEvents,
} from './ground-truth.ts';
export {
  InvariantWatch,
  type InvariantWatchOptions,
  invariants,
  type ObservedPool,
  type Violation,
} from './invariants.ts';
export { type LeaseRecord, Ledger, type LedgerFault, RANKS, type RequestRecord } from './ledger.ts';
export {
  type Check,
  type CheckOptions,
  type ClosingNote,
  type DialNote,
  type Discipline,
  fifo,
  type Invariant,
  type Observation,
  type ToldCounts,
} from './observation.ts';
export { SheddingBook, type SheddingPeriod } from './shedding-book.ts';
export { adaptiveLifo } from './shedding-invariants.ts';
export {
  type BreakReport,
  type SimulatedDriver,
  type SimulatedDriverOptions,
  simulatedDriver,
} from './simulated-driver.ts';
export {
  type CallBehaviour,
  type DestroyBehaviour,
  type Fate,
  type FaultChances,
  type ServerBehaviour,
  type ServerState,
  SimulatedError,
  SimulatedServer,
} from './simulated-server.ts';
