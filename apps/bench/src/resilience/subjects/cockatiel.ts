/**
 * Owns how cockatiel is set up to be measured.
 * It must never know how the others are.
 */
import { type Cockatiel, type CockatielPolicy, loadCockatiel } from '../../peers/cockatiel.ts';
import { FAILURES_TO_OPEN, LONG_WINDOW, PLACES, STAYS_OPEN_MS, type Subject, TIMEOUT_MS, WINDOW } from '../subject.ts';

export async function cockatiel(): Promise<Subject> {
  const library = await loadCockatiel();
  const { ConsecutiveBreaker, SamplingBreaker, circuitBreaker, handleAll } = library;
  const newBreaker = () =>
    circuitBreaker(handleAll, { breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN), halfOpenAfter: STAYS_OPEN_MS });
  const newWindowBreaker = ({ share: threshold, ms: duration, seconds, minimumCalls }: Window = WINDOW) => {
    const breaker = new SamplingBreaker({ threshold, duration, minimumRps: minimumCalls / seconds });
    return circuitBreaker(handleAll, { breaker, halfOpenAfter: STAYS_OPEN_MS });
  };
  return {
    name: 'cockatiel',
    closedBreaker(work) {
      const breaker = newBreaker();
      return () => breaker.execute(work);
    },
    closedWindowBreaker(work) {
      const breaker = newWindowBreaker();
      return () => breaker.execute(work);
    },
    async openBreaker(work) {
      const breaker = newBreaker();
      const failing = () => breaker.execute(() => Promise.reject(new Error('the server is down'))).catch(() => {});
      for (let failure = 0; failure < FAILURES_TO_OPEN; failure++) await failing();
      return () => breaker.execute(work);
    },
    ...retries(library, newBreaker),
    ...limits(library),
    async filledBreaker(succeeding, failing, calls) {
      const breaker = newWindowBreaker(LONG_WINDOW);
      for (let call = 0; call < calls; call++) await breaker.execute(succeeding);
      return { succeeding: () => breaker.execute(succeeding), failing: () => breaker.execute(failing) };
    },
    idleBreaker: () => newBreaker,
    usedWindowBreaker: (work) => () => {
      const breaker = newWindowBreaker();
      breaker.execute(work);
      return breaker;
    },
  };
}

type Window = Readonly<Record<keyof typeof WINDOW, number>>;

function retries(
  { handleAll, retry, timeout, wrap }: Cockatiel,
  newBreaker: () => CockatielPolicy,
): Pick<Subject, 'retry' | 'timeout' | 'everyday' | 'retryOfBreaker'> {
  return {
    retry(work) {
      const policy = retry(handleAll, { maxAttempts: 3 });
      return () => policy.execute(work);
    },
    timeout(work) {
      const policy = timeout(TIMEOUT_MS, 'aggressive');
      return () => policy.execute(work);
    },
    everyday(work) {
      const policy = wrap(retry(handleAll, { maxAttempts: 3 }), newBreaker(), timeout(TIMEOUT_MS, 'aggressive'));
      return () => policy.execute(work);
    },
    retryOfBreaker(work) {
      const policy = wrap(retry(handleAll, { maxAttempts: 3 }), newBreaker());
      return () => policy.execute(work);
    },
  };
}

function limits({
  bulkhead,
  fallback,
  handleAll,
}: Cockatiel): Pick<Subject, 'roomyBulkhead' | 'queuedBulkhead' | 'fallback'> {
  return {
    roomyBulkhead(work) {
      const policy = bulkhead(PLACES, 0);
      return () => policy.execute(work);
    },
    queuedBulkhead(work) {
      const policy = bulkhead(1, PLACES);
      return () => {
        void policy.execute(work);
        return policy.execute(work);
      };
    },
    fallback(work) {
      const policy = fallback(handleAll, 0);
      return () => policy.execute(work);
    },
  };
}
