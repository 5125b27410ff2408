/**
 * Owns how mollitia is set up to be measured: its window of calls as short as the failures that the others count.
 * It must never know how the others are.
 */
import { loadMollitia, type Mollitia, type MollitiaModule } from '../../peers/mollitia.ts';
import {
  FAILURES_TO_OPEN,
  LONG_WINDOW,
  PLACES,
  STAYS_OPEN_MS,
  type Subject,
  TIMEOUT_MS,
  WINDOW,
  type Work,
} from '../subject.ts';

/** A window of time keeps no more calls than this. */
const MOST_KEPT = 1_000;

/** So few calls may all be failures. */
const NEVER = 1.01;

/** Its limiter keeps a time for every call of a period: enough of them for a period to have passed since the first. */
const RATE = { limitPeriod: 1, limitForPeriod: 10_000 };

export async function mollitia(): Promise<Subject> {
  const library = await loadMollitia();
  const { Circuit, SlidingCountBreaker, SlidingTimeBreaker } = library;
  const newBreaker = () =>
    new SlidingCountBreaker({
      openStateDelay: STAYS_OPEN_MS,
      slidingWindowSize: FAILURES_TO_OPEN,
      minimumNumberOfCalls: FAILURES_TO_OPEN,
    });
  const newWindowBreaker = ({ ms, minimumCalls, share }: Window = WINDOW) =>
    new SlidingTimeBreaker({
      openStateDelay: STAYS_OPEN_MS,
      slidingWindowSize: ms,
      minimumNumberOfCalls: minimumCalls,
      failureRateThreshold: share * 100,
    });
  return {
    name: 'mollitia',
    closedBreaker(work) {
      const circuit = new Circuit({ func: work, options: { modules: [newBreaker()] } });
      return () => circuit.execute();
    },
    closedWindowBreaker(work) {
      const circuit = new Circuit({ func: work, options: { modules: [newWindowBreaker()] } });
      return () => circuit.execute();
    },
    async openBreaker(work) {
      const circuit = new Circuit({ func: work, options: { modules: [newBreaker()] } });
      const failing = () => circuit.execute().catch(() => {});
      circuit.fn(() => Promise.reject(new Error('the server is down')));
      for (let failure = 0; failure < FAILURES_TO_OPEN; failure++) await failing();
      circuit.fn(work);
      return () => circuit.execute();
    },
    ...retries(library, newBreaker),
    ...limits(library),
    async filledBreaker(succeeding, failing, calls) {
      const modules = [newWindowBreaker({ ...LONG_WINDOW, share: NEVER })];
      const circuit = new Circuit({ func: (work: Work) => work(), options: { modules } });
      for (let call = 0; call < Math.min(calls, MOST_KEPT); call++) await circuit.execute(succeeding);
      return { succeeding: () => circuit.execute(succeeding), failing: () => circuit.execute(failing) };
    },
    idleBreaker: () => () => new Circuit({ options: { modules: [newBreaker()] } }),
    usedWindowBreaker: (work) => () => {
      const circuit = new Circuit({ func: work, options: { modules: [newWindowBreaker()] } });
      circuit.execute();
      return circuit;
    },
  };
}

type Window = Readonly<Record<keyof typeof WINDOW, number>>;

function retries(
  { Circuit, Retry, Timeout }: Mollitia,
  newBreaker: () => MollitiaModule,
): Pick<Subject, 'retry' | 'timeout' | 'everyday' | 'retryOfBreaker'> {
  return {
    retry(work) {
      const circuit = new Circuit({ func: work, options: { modules: [new Retry({ attempts: 3 })] } });
      return () => circuit.execute();
    },
    timeout(work) {
      const circuit = new Circuit({ func: work, options: { modules: [new Timeout({ delay: TIMEOUT_MS })] } });
      return () => circuit.execute();
    },
    everyday(work) {
      const modules = [new Retry({ attempts: 3 }), newBreaker(), new Timeout({ delay: TIMEOUT_MS })];
      const circuit = new Circuit({ func: work, options: { modules } });
      return () => circuit.execute();
    },
    retryOfBreaker(work) {
      const circuit = new Circuit({ func: work, options: { modules: [new Retry({ attempts: 3 }), newBreaker()] } });
      return () => circuit.execute();
    },
  };
}

/** What it calls a fallback gives another error in place of an error, never an answer. */
function limits({
  Bulkhead,
  Circuit,
  Ratelimit,
}: Mollitia): Pick<Subject, 'rateLimiter' | 'roomyBulkhead' | 'queuedBulkhead'> {
  return {
    rateLimiter(work) {
      const circuit = new Circuit({ func: work, options: { modules: [new Ratelimit(RATE)] } });
      return () => circuit.execute();
    },
    roomyBulkhead(work) {
      const modules = [new Bulkhead({ concurrentSize: PLACES, queueSize: 0 })];
      const circuit = new Circuit({ func: work, options: { modules } });
      return () => circuit.execute();
    },
    queuedBulkhead(work) {
      const modules = [new Bulkhead({ concurrentSize: 1, queueSize: PLACES })];
      const circuit = new Circuit({ func: work, options: { modules } });
      return () => {
        void circuit.execute();
        return circuit.execute();
      };
    },
  };
}
