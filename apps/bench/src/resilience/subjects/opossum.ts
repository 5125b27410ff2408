/**
 * Owns how opossum is set up to be measured: without its timer per call, its percentiles and its snapshots, which are on by default.
 * It must never know how the others are.
 */
import { loadOpossum, type Opossum, type OpossumOptions } from '../../peers/opossum.ts';
import {
  FAILURES_TO_OPEN,
  type FilledBreaker,
  LONG_WINDOW,
  PLACES,
  STAYS_OPEN_MS,
  type Subject,
  WINDOW,
  type Work,
} from '../subject.ts';

const LIGHTEST = {
  timeout: false,
  resetTimeout: STAYS_OPEN_MS,
  rollingPercentilesEnabled: false,
  enableSnapshots: false,
} as const;

export async function opossum(): Promise<Subject> {
  const Breaker = await loadOpossum();
  const newBreaker = (work: Work, options: OpossumOptions = {}) =>
    new Breaker(work, {
      ...LIGHTEST,
      ...options,
      volumeThreshold: FAILURES_TO_OPEN,
    });
  /** It has no other breaker than one with a window of time. */
  const newWindowBreaker = (work: Work) =>
    new Breaker(work, {
      ...LIGHTEST,
      volumeThreshold: WINDOW.minimumCalls,
      errorThresholdPercentage: WINDOW.share * 100,
      rollingCountTimeout: WINDOW.ms,
    });
  return {
    name: 'opossum',
    closedBreaker(work) {
      const breaker = newBreaker(work);
      return () => breaker.fire();
    },
    closedWindowBreaker(work) {
      const breaker = newWindowBreaker(work);
      return () => breaker.fire();
    },
    async openBreaker(work) {
      const breaker = newBreaker(work);
      breaker.open();
      return () => breaker.fire();
    },
    roomyBulkhead(work) {
      const breaker = newBreaker(work, { capacity: PLACES });
      return () => breaker.fire();
    },
    fallback(work) {
      const breaker = newBreaker(work);
      breaker.fallback(() => 0);
      return () => breaker.fire();
    },
    filledBreaker: (succeeding, failing, calls) => filledBreaker(Breaker, { succeeding, failing, calls }),
    idleBreaker: () => () => newBreaker(async () => 1),
    usedWindowBreaker: (work) => () => {
      const breaker = newWindowBreaker(work);
      breaker.fire();
      return breaker;
    },
  };
}

interface Filling {
  readonly succeeding: Work;
  readonly failing: Work;
  readonly calls: number;
}

/** With its percentiles, as it comes. */
async function filledBreaker(Breaker: Opossum, { succeeding, failing, calls }: Filling): Promise<FilledBreaker> {
  const breaker = new Breaker((work: Work) => work(), {
    timeout: false,
    resetTimeout: STAYS_OPEN_MS,
    volumeThreshold: LONG_WINDOW.minimumCalls,
    errorThresholdPercentage: LONG_WINDOW.share * 100,
    rollingCountTimeout: LONG_WINDOW.ms,
  });
  for (let call = 0; call < calls; call++) await breaker.fire(succeeding);
  return { succeeding: () => breaker.fire(succeeding), failing: () => breaker.fire(failing) };
}
