/**
 * Owns how this project's own package is set up to be measured.
 * It must never know how the others are.
 */
import {
  circuitBreaker,
  compose,
  consecutiveFailures,
  failureRate,
  type Permit,
  retry,
  timeout,
} from '@cryo/resilience';
import { FAILURES_TO_OPEN, STAYS_OPEN_MS, type Subject, TIMEOUT_MS, WINDOW } from '../subject.ts';

const trip = consecutiveFailures(FAILURES_TO_OPEN);
const rateTrip = failureRate({ rate: WINDOW.share, minimumCalls: WINDOW.minimumCalls, windowMs: WINDOW.ms });

export function cryo(): Subject {
  return {
    name: 'cryo',
    closedBreaker(work) {
      const breaker = newBreaker();
      return () => breaker.execute(work);
    },
    closedWindowBreaker(work) {
      const breaker = newWindowBreaker();
      return () => breaker.execute(work);
    },
    async openBreaker(work) {
      const breaker = openedBreaker();
      return () => breaker.execute(work);
    },
    permitPair() {
      const breaker = newBreaker();
      return () => {
        const permit = breaker.tryAcquire() as Permit;
        return breaker.settle(permit, 'success');
      };
    },
    windowPermitPair() {
      const breaker = newWindowBreaker();
      return () => {
        const permit = breaker.tryAcquire() as Permit;
        return breaker.settle(permit, 'success');
      };
    },
    refusedPermit() {
      const breaker = openedBreaker();
      return () => breaker.tryAcquire();
    },
    ...retries(),
    idleBreaker: () => newBreaker,
    usedWindowBreaker: (work) => () => {
      const breaker = newWindowBreaker();
      breaker.execute(work);
      return breaker;
    },
  };
}

function retries(): Pick<Subject, 'retry' | 'timeout' | 'everyday' | 'retryOfBreaker'> {
  return {
    retry(work) {
      const policy = retry({ maxRetries: 3 });
      return () => policy.execute(work);
    },
    timeout(work) {
      const policy = timeout({ ms: TIMEOUT_MS });
      return () => policy.execute(work);
    },
    everyday(work) {
      const policy = compose(retry({ maxRetries: 3 }), newBreaker(), timeout({ ms: TIMEOUT_MS }));
      return () => policy.execute(work);
    },
    retryOfBreaker(work) {
      const policy = compose(retry({ maxRetries: 3 }), newBreaker());
      return () => policy.execute(work);
    },
  };
}

function newBreaker() {
  return circuitBreaker({ name: 'inventory', trip, openForMs: STAYS_OPEN_MS });
}

function newWindowBreaker() {
  return circuitBreaker({ name: 'inventory', trip: rateTrip, openForMs: STAYS_OPEN_MS });
}

function openedBreaker() {
  const breaker = newBreaker();
  breaker.trip(new Error('the server is down'));
  return breaker;
}
