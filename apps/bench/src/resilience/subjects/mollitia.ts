/**
 * Owns how mollitia is set up to be measured: its window of calls as short as the failures that the others count.
 * It must never know how the others are.
 */
import { loadMollitia, type Mollitia, type MollitiaModule } from '../../peers/mollitia.ts';
import { FAILURES_TO_OPEN, STAYS_OPEN_MS, type Subject, TIMEOUT_MS, WINDOW } from '../subject.ts';

export async function mollitia(): Promise<Subject> {
  const library = await loadMollitia();
  const { Circuit, SlidingCountBreaker, SlidingTimeBreaker } = library;
  const newBreaker = () =>
    new SlidingCountBreaker({
      openStateDelay: STAYS_OPEN_MS,
      slidingWindowSize: FAILURES_TO_OPEN,
      minimumNumberOfCalls: FAILURES_TO_OPEN,
    });
  const newWindowBreaker = () =>
    new SlidingTimeBreaker({
      openStateDelay: STAYS_OPEN_MS,
      slidingWindowSize: WINDOW.ms,
      minimumNumberOfCalls: WINDOW.minimumCalls,
      failureRateThreshold: WINDOW.share * 100,
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
    idleBreaker: () => () => new Circuit({ options: { modules: [newBreaker()] } }),
    usedWindowBreaker: (work) => () => {
      const circuit = new Circuit({ func: work, options: { modules: [newWindowBreaker()] } });
      circuit.execute();
      return circuit;
    },
  };
}

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
