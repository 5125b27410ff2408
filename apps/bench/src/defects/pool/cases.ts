/**
 * Owns the list of the cases of the pools, in the order in which a table shows them.
 * It must never know what a case asserts.
 */
import { abortedDial, abortedWaiter } from './cases/aborts.ts';
import { acquireAfterClose } from './cases/acquire-after-close.ts';
import { hangingCheck, throwingCheck } from './cases/bad-check.ts';
import { closeEndsDespiteLeak, closeEndsTheLeaked } from './cases/close-with-leak.ts';
import { closeAnswersWaiters, closeTellsWaitersNow } from './cases/close-with-waiters.ts';
import { boundToItsDial, hungDialPlace, oneHungDial } from './cases/dials.ts';
import { doubleRelease, lateRelease } from './cases/double-release.ts';
import { idleError, idleErrorLent } from './cases/idle-error.ts';
import { keptAfterLoss, keptFromTheStart } from './cases/kept.ts';
import { rampDials, rampTime, spikeDials, spikeWaits } from './cases/load.ts';
import { arrival, barging } from './cases/order.ts';
import { queryError } from './cases/query-error.ts';
import {
  afterOutage,
  dialsOfCallers,
  dialsOfWaiters,
  realCause,
  refusedAtOnce,
  refusedFromTheStart,
} from './cases/refusing-server.ts';
import { stalledLoop } from './cases/stalled-loop.ts';
import { throwingDial } from './cases/throwing-dial.ts';
import { timeoutCost } from './cases/timeout-cost.ts';
import {
  clockSetBack,
  clockSetForward,
  defaultWait,
  lateDial,
  restartedDeadline,
  timedOutWaiter,
} from './cases/timeouts.ts';
import { tooMany } from './cases/too-many.ts';
import type { PoolCase } from './pool-case.ts';

export const CASES: readonly PoolCase[] = [
  closeAnswersWaiters,
  closeTellsWaitersNow,
  closeEndsDespiteLeak,
  closeEndsTheLeaked,
  acquireAfterClose,
  idleError,
  idleErrorLent,
  refusedAtOnce,
  dialsOfWaiters,
  dialsOfCallers,
  afterOutage,
  realCause,
  refusedFromTheStart,
  throwingDial,
  boundToItsDial,
  oneHungDial,
  hungDialPlace,
  lateDial,
  throwingCheck,
  hangingCheck,
  restartedDeadline,
  tooMany,
  keptFromTheStart,
  keptAfterLoss,
  spikeDials,
  spikeWaits,
  rampTime,
  rampDials,
  arrival,
  barging,
  timedOutWaiter,
  stalledLoop,
  timeoutCost,
  clockSetBack,
  clockSetForward,
  defaultWait,
  abortedWaiter,
  abortedDial,
  queryError,
  doubleRelease,
  lateRelease,
];
