/**
 * Owns how mollitia does what the cases ask for, with the limit on its half-open state switched on.
 * It must never know a case.
 */
import { loadMollitia, type MollitiaModule } from '../../peers/mollitia.ts';
import type { Work } from '../call.ts';
import type { Library, Retry } from '../library.ts';

const HALF_OPEN_LIMIT_MS = 30_000;
const HALF_PERCENT = 50;

export async function mollitia(): Promise<Library> {
  const { Circuit, Retry: RetryModule, SlidingCountBreaker, SlidingTimeBreaker } = await loadMollitia();
  const around = (module: MollitiaModule) => {
    const circuit = new Circuit({ func: (work: Work) => work(), options: { modules: [module] } });
    return (work: Work) => circuit.execute(work);
  };
  const retrying = (module: MollitiaModule): Retry => ({ run: around(module) });
  const halfOpen = { halfOpenStateMaxDelay: HALF_OPEN_LIMIT_MS, permittedNumberOfCallsInHalfOpenState: 1 };
  return {
    name: 'mollitia',
    hearsCalls: true,
    breaker({ failures, openForMs, isNeutral, onOpen, onCall, prepare = (same) => same }) {
      const given = {
        ...halfOpen,
        openStateDelay: openForMs,
        slidingWindowSize: failures,
        minimumNumberOfCalls: failures,
        failureRateThreshold: HALF_PERCENT,
        ...(isNeutral === undefined ? {} : { onError: (error: unknown) => !isNeutral(error) }),
      };
      const module = new SlidingCountBreaker(prepare(given));
      if (onOpen !== undefined) module.on('state-changed', (state) => state === 'opened' && onOpen());
      if (onCall !== undefined) module.on('execute', onCall);
      return { call: around(module) };
    },
    windowBreaker({ windowMs, minimumCalls, openForMs }) {
      const sizes = { slidingWindowSize: windowMs, minimumNumberOfCalls: minimumCalls };
      const given = { ...halfOpen, ...sizes, openStateDelay: openForMs, failureRateThreshold: HALF_PERCENT };
      return { call: around(new SlidingTimeBreaker(given)) };
    },
    retry({ retries, firstMs, mostMs, factor, waits }) {
      const mode = waits === 'exact' ? 'exponential' : 'jitter';
      return retrying(new RetryModule({ attempts: retries, interval: firstMs, maxInterval: mostMs, factor, mode }));
    },
    defaultRetry: () => retrying(new RetryModule({})),
  };
}
