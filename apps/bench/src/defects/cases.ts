/**
 * Owns the list of the cases, in the order in which a table shows them.
 * It must never know what a case asserts.
 */

import { abortCalledTimeout } from './cases/abort-called-timeout.ts';
import { backoffFactor } from './cases/backoff-factor.ts';
import { backoffOverflow } from './cases/backoff-overflow.ts';
import { bulkheadAbort } from './cases/bulkhead-abort.ts';
import { bulkheadOvertaken } from './cases/bulkhead-overtaken.ts';
import { cancelledProbe } from './cases/cancelled-probe.ts';
import { failureCost } from './cases/failure-cost.ts';
import { frozenOptions } from './cases/frozen-options.ts';
import { halfOpenAbort } from './cases/half-open-abort.ts';
import { halfOpenFlood } from './cases/half-open-flood.ts';
import { hungProbe, untimedHungProbe } from './cases/hung-probe.ts';
import { idleWindow } from './cases/idle-window.ts';
import { jitterAtCap } from './cases/jitter-at-cap.ts';
import { lateFailure } from './cases/late-failure.ts';
import { lateFailureUnprobed } from './cases/late-failure-unprobed.ts';
import { lateSuccess } from './cases/late-success.ts';
import { longWait } from './cases/long-wait.ts';
import { outlivedEnd } from './cases/outlived-end.ts';
import { ownRefusals } from './cases/own-refusals.ts';
import { refusalsCounted } from './cases/refusals-counted.ts';
import { restoredIsolated } from './cases/restored-isolated.ts';
import { restoredOpen } from './cases/restored-open.ts';
import { retryAbort } from './cases/retry-abort.ts';
import { retryDefaults } from './cases/retry-defaults.ts';
import { slowDrip } from './cases/slow-drip.ts';
import { stalledLoop } from './cases/stalled-loop.ts';
import { starvedProbe, starvedProbeAtOnce } from './cases/starved-probe.ts';
import { successDiscarded } from './cases/success-discarded.ts';
import { throwingCallListener } from './cases/throwing-call-listener.ts';
import { throwingClassifier } from './cases/throwing-classifier.ts';
import { throwingOpenListener } from './cases/throwing-open-listener.ts';
import { timeoutAbortsOthers } from './cases/timeout-aborts-others.ts';
import { wallClockBack } from './cases/wall-clock-back.ts';
import { wallClockForward } from './cases/wall-clock-forward.ts';
import { windowMemory } from './cases/window-memory.ts';
import { windowClockBack, windowClockForward } from './cases/window-wall-clock.ts';
import type { DefectCase } from './defect-case.ts';

export const CASES: readonly DefectCase[] = [
  lateSuccess,
  lateFailure,
  lateFailureUnprobed,
  hungProbe,
  untimedHungProbe,
  halfOpenAbort,
  halfOpenFlood,
  cancelledProbe,
  starvedProbe,
  starvedProbeAtOnce,
  wallClockBack,
  wallClockForward,
  idleWindow,
  slowDrip,
  windowClockBack,
  windowClockForward,
  refusalsCounted,
  ownRefusals,
  failureCost,
  windowMemory,
  throwingCallListener,
  throwingOpenListener,
  throwingClassifier,
  frozenOptions,
  outlivedEnd,
  restoredOpen,
  restoredIsolated,
  stalledLoop,
  abortCalledTimeout,
  timeoutAbortsOthers,
  bulkheadOvertaken,
  bulkheadAbort,
  retryAbort,
  successDiscarded,
  jitterAtCap,
  backoffFactor,
  backoffOverflow,
  longWait,
  retryDefaults,
];
