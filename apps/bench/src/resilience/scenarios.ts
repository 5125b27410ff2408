/**
 * Owns the list of the scenarios of resilience, in the order in which a table shows them.
 * It must never know how one is measured.
 */
import type { Scenario } from './scenario.ts';
import { closedBreaker } from './scenarios/closed-breaker.ts';
import { closedBreakerGarbage } from './scenarios/closed-breaker-garbage.ts';
import { closedBreakerWindow } from './scenarios/closed-breaker-window.ts';
import { everyday } from './scenarios/everyday.ts';
import { everydayGarbage } from './scenarios/everyday-garbage.ts';
import { idleBreakerBytes } from './scenarios/idle-breaker-bytes.ts';
import { idleFallback } from './scenarios/idle-fallback.ts';
import { idleHedge } from './scenarios/idle-hedge.ts';
import { idleRetry } from './scenarios/idle-retry.ts';
import { idleRetryGarbage } from './scenarios/idle-retry-garbage.ts';
import { idleTimeout } from './scenarios/idle-timeout.ts';
import { idleTimeoutGarbage } from './scenarios/idle-timeout-garbage.ts';
import { keyedBreaker } from './scenarios/keyed-breaker.ts';
import { passedOnFailure } from './scenarios/passed-on-failure.ts';
import { permitPair } from './scenarios/permit-pair.ts';
import { permitPairGarbage } from './scenarios/permit-pair-garbage.ts';
import { permitPairWindow } from './scenarios/permit-pair-window.ts';
import { permitPairWindowGarbage } from './scenarios/permit-pair-window-garbage.ts';
import { queuedBulkhead } from './scenarios/queued-bulkhead.ts';
import { rateLimiter } from './scenarios/rate-limiter.ts';
import { recordedFailure } from './scenarios/recorded-failure.ts';
import { refusedCall } from './scenarios/refused-call.ts';
import { refusedPermit } from './scenarios/refused-permit.ts';
import { refusedPermitGarbage } from './scenarios/refused-permit-garbage.ts';
import { retryOfBreaker } from './scenarios/retry-of-breaker.ts';
import { roomyBulkhead } from './scenarios/roomy-bulkhead.ts';
import { thousandKeys } from './scenarios/thousand-keys.ts';
import { usedWindowBreakerBytes } from './scenarios/used-window-breaker-bytes.ts';

export const SCENARIOS: readonly Scenario[] = [
  closedBreaker,
  closedBreakerWindow,
  recordedFailure,
  passedOnFailure,
  permitPair,
  permitPairWindow,
  refusedPermit,
  refusedCall,
  idleRetry,
  idleTimeout,
  retryOfBreaker,
  everyday,
  idleHedge,
  rateLimiter,
  roomyBulkhead,
  queuedBulkhead,
  keyedBreaker,
  thousandKeys,
  idleFallback,
  idleBreakerBytes,
  usedWindowBreakerBytes,
  permitPairGarbage,
  permitPairWindowGarbage,
  refusedPermitGarbage,
  closedBreakerGarbage,
  idleRetryGarbage,
  idleTimeoutGarbage,
  everydayGarbage,
];
