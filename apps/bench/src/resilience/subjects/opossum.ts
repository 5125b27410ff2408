/**
 * Owns how opossum is set up to be measured: without its timer per call, its percentiles and its snapshots, which are on by default.
 * It must never know how the others are.
 */
import { loadOpossum } from '../../peers/opossum.ts';
import { FAILURES_TO_OPEN, STAYS_OPEN_MS, type Subject, WINDOW, type Work } from '../subject.ts';

export async function opossum(): Promise<Subject> {
  const Breaker = await loadOpossum();
  const newBreaker = (work: Work) =>
    new Breaker(work, {
      timeout: false,
      resetTimeout: STAYS_OPEN_MS,
      volumeThreshold: FAILURES_TO_OPEN,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
  /** It has no other breaker than one with a window of time. */
  const newWindowBreaker = (work: Work) =>
    new Breaker(work, {
      timeout: false,
      resetTimeout: STAYS_OPEN_MS,
      volumeThreshold: WINDOW.minimumCalls,
      errorThresholdPercentage: WINDOW.share * 100,
      rollingCountTimeout: WINDOW.ms,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
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
    idleBreaker: () => () => newBreaker(async () => 1),
    usedWindowBreaker: (work) => () => {
      const breaker = newWindowBreaker(work);
      breaker.fire();
      return breaker;
    },
  };
}
