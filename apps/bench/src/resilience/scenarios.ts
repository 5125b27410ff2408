/**
 * Owns the list of the scenarios of resilience, in the order in which a table shows them.
 * It must never know how one is measured.
 */
import type { Scenario } from './scenario.ts';
import { closedBreaker } from './scenarios/closed-breaker.ts';
import { closedBreakerWindow } from './scenarios/closed-breaker-window.ts';
import { everyday } from './scenarios/everyday.ts';
import { idleBreakerBytes } from './scenarios/idle-breaker-bytes.ts';
import { idleRetry } from './scenarios/idle-retry.ts';
import { idleTimeout } from './scenarios/idle-timeout.ts';
import { permitPair } from './scenarios/permit-pair.ts';
import { permitPairWindow } from './scenarios/permit-pair-window.ts';
import { refusedCall } from './scenarios/refused-call.ts';
import { refusedPermit } from './scenarios/refused-permit.ts';
import { retryOfBreaker } from './scenarios/retry-of-breaker.ts';
import { usedWindowBreakerBytes } from './scenarios/used-window-breaker-bytes.ts';

export const SCENARIOS: readonly Scenario[] = [
  closedBreaker,
  closedBreakerWindow,
  permitPair,
  permitPairWindow,
  refusedPermit,
  refusedCall,
  idleRetry,
  idleTimeout,
  retryOfBreaker,
  everyday,
  idleBreakerBytes,
  usedWindowBreakerBytes,
];
