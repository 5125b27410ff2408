/**
 * Owns how this project's own package is set up to be measured.
 * It must never know how the others are.
 */
import {
  bulkhead,
  circuitBreaker,
  compose,
  consecutiveFailures,
  failureRate,
  fallback,
  hedge,
  keyedBreakers,
  type Permit,
  rateLimiter,
  retry,
  timeout,
} from '@cryo/resilience';
import { FAILURES_TO_OPEN, LONG_WINDOW, PLACES, STAYS_OPEN_MS, type Subject, TIMEOUT_MS, WINDOW } from '../subject.ts';

const trip = consecutiveFailures(FAILURES_TO_OPEN);
const rateTrip = failureRate({ rate: WINDOW.share, minimumCalls: WINDOW.minimumCalls, windowMs: WINDOW.ms });

/** More than any loop asks for. */
const ENOUGH_PER_SECOND = 1_000_000_000;

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
    ...permits(),
    ...retries(),
    ...limits(),
    hedge(work) {
      const policy = hedge({ delayMs: TIMEOUT_MS });
      return () => policy.execute(work);
    },
    fallback(work) {
      const policy = fallback({ value: 0 });
      return () => policy.execute(work);
    },
    ...otherBreakers(),
    idleBreaker: () => newBreaker,
    usedWindowBreaker: (work) => () => {
      const breaker = newWindowBreaker();
      breaker.execute(work);
      return breaker;
    },
  };
}

function permits(): Pick<Subject, 'permitPair' | 'windowPermitPair' | 'refusedPermit'> {
  return {
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

function limits(): Pick<Subject, 'rateLimiter' | 'roomyBulkhead' | 'queuedBulkhead'> {
  return {
    rateLimiter(work) {
      const policy = rateLimiter({ perSecond: ENOUGH_PER_SECOND });
      return () => policy.execute(work);
    },
    roomyBulkhead(work) {
      const policy = bulkhead({ limit: PLACES });
      return () => policy.execute(work);
    },
    queuedBulkhead(work) {
      const policy = bulkhead({ limit: 1, queueLimit: PLACES });
      return () => {
        void policy.execute(work);
        return policy.execute(work);
      };
    },
  };
}

function otherBreakers(): Pick<Subject, 'keyedBreakers' | 'filledBreaker'> {
  return {
    keyedBreakers(work, keys) {
      const breakers = keyedBreakers({ name: 'hosts', breaker: { trip, openForMs: STAYS_OPEN_MS } });
      let next = 0;
      return () => {
        const key = keys[next] as string;
        next = next + 1 === keys.length ? 0 : next + 1;
        return breakers.get(key).execute(work);
      };
    },
    async filledBreaker(succeeding, failing, calls) {
      const { share: rate, minimumCalls, ms: windowMs } = LONG_WINDOW;
      const longTrip = failureRate({ rate, minimumCalls, windowMs });
      const breaker = circuitBreaker({ name: 'inventory', trip: longTrip, openForMs: STAYS_OPEN_MS });
      for (let call = 0; call < calls; call++) await breaker.execute(succeeding);
      return { succeeding: () => breaker.execute(succeeding), failing: () => breaker.execute(failing) };
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
