/**
 * Owns how cockatiel is set up to be measured.
 * It must never know how the others are.
 */
import { loadCockatiel } from '../../peers/cockatiel.ts';
import { FAILURES_TO_OPEN, STAYS_OPEN_MS, type Subject, TIMEOUT_MS, WINDOW } from '../subject.ts';

export async function cockatiel(): Promise<Subject> {
  const { ConsecutiveBreaker, SamplingBreaker, circuitBreaker, handleAll, retry, timeout, wrap } =
    await loadCockatiel();
  const newBreaker = () =>
    circuitBreaker(handleAll, { breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN), halfOpenAfter: STAYS_OPEN_MS });
  const newWindowBreaker = () => {
    const { share: threshold, ms: duration, seconds, minimumCalls } = WINDOW;
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
    idleBreaker: () => newBreaker,
    usedWindowBreaker: (work) => () => {
      const breaker = newWindowBreaker();
      breaker.execute(work);
      return breaker;
    },
  };
}
