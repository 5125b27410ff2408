/**
 * Owns how mollitia does what the cases ask for, with the limit on its half-open state switched on.
 * It must never know a case.
 */
import { loadMollitia, type Mollitia, type MollitiaModule } from '../../peers/mollitia.ts';
import type { Work } from '../call.ts';
import type { BreakerOptions, Library, Retry } from '../library.ts';

const HALF_OPEN_LIMIT_MS = 30_000;
const HALF_PERCENT = 50;

export async function mollitia(): Promise<Library> {
  const library = await loadMollitia();
  const { SlidingCountBreaker, SlidingTimeBreaker } = library;
  const around = placing(library);
  const halfOpen = { halfOpenStateMaxDelay: HALF_OPEN_LIMIT_MS, permittedNumberOfCallsInHalfOpenState: 1 };
  const newModule = (options: BreakerOptions): MollitiaModule => {
    const { failures, openForMs, isNeutral, onOpen, onCall, prepare = (same) => same } = options;
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
    return module;
  };
  return {
    name: 'mollitia',
    hearsCalls: true,
    breaker: (options) => ({ call: around(newModule(options)) }),
    checkedBreaker(options) {
      const module = newModule(options);
      return { call: around(module), end: () => module.dispose() };
    },
    windowBreaker({ windowMs, minimumCalls, openForMs }) {
      const sizes = { slidingWindowSize: windowMs, minimumNumberOfCalls: minimumCalls };
      const given = { ...halfOpen, ...sizes, openStateDelay: openForMs, failureRateThreshold: HALF_PERCENT };
      return { call: around(new SlidingTimeBreaker(given)) };
    },
    ...limits(library),
    ...retries(library),
  };
}

/** A circuit of modules, the first being the outermost. */
function placing({ Circuit }: Mollitia) {
  return (...modules: readonly MollitiaModule[]) => {
    const circuit = new Circuit({ func: (work: Work) => work(), options: { modules } });
    return (work: Work) => circuit.execute(work);
  };
}

function limits(library: Mollitia): Pick<Library, 'limitedBreaker' | 'bulkhead' | 'timeout'> {
  const { Bulkhead, SlidingCountBreaker, Timeout } = library;
  const around = placing(library);
  return {
    limitedBreaker({ failures, openForMs, limit }) {
      const sizes = { slidingWindowSize: failures, minimumNumberOfCalls: failures };
      const breaker = new SlidingCountBreaker({
        ...sizes,
        openStateDelay: openForMs,
        failureRateThreshold: HALF_PERCENT,
      });
      return { call: around(breaker, new Bulkhead({ concurrentSize: limit, queueSize: 0 })) };
    },
    bulkhead: ({ limit, queueLimit }) => ({
      call: around(new Bulkhead({ concurrentSize: limit, queueSize: queueLimit })),
    }),
    timeout({ ms }) {
      const run = around(new Timeout({ delay: ms }));
      return { run: (work) => run(() => work(new AbortController().signal)) };
    },
  };
}

function retries(library: Mollitia): Pick<Library, 'retry' | 'defaultRetry'> {
  const { Retry: RetryModule } = library;
  const retrying = (module: MollitiaModule): Retry => ({ run: placing(library)(module) });
  return {
    retry({ retries, firstMs, mostMs, factor, waits }) {
      const mode = waits === 'exact' ? 'exponential' : 'jitter';
      return retrying(new RetryModule({ attempts: retries, interval: firstMs, maxInterval: mostMs, factor, mode }));
    },
    defaultRetry: () => retrying(new RetryModule({})),
  };
}
