/**
 * Owns how cockatiel does what the cases ask for.
 * It must never know a case.
 */
import { type Backoff, type Cockatiel, loadCockatiel } from '../../peers/cockatiel.ts';
import type { BreakerOptions, Library, SavedBreaker } from '../library.ts';

const MS_PER_SECOND = 1_000;
const HALF = 0.5;

export async function cockatiel(): Promise<Library> {
  const library = await loadCockatiel();
  const { ConsecutiveBreaker, SamplingBreaker, circuitBreaker, handleAll, handleWhen } = library;
  const newBreaker = (options: BreakerOptions, initialState?: unknown): SavedBreaker => {
    const { failures, openForMs, growth, isNeutral, onOpen, onCall, prepare = (same) => same } = options;
    const handled = isNeutral === undefined ? handleAll : handleWhen((error) => !isNeutral(error));
    const breaker = new ConsecutiveBreaker(failures);
    const halfOpenAfter = growth === undefined ? openForMs : doubling(library, openForMs);
    const given = { breaker, halfOpenAfter, ...(initialState === undefined ? {} : { initialState }) };
    const policy = circuitBreaker(handled, prepare(given));
    if (onOpen !== undefined) policy.onBreak(onOpen);
    if (onCall !== undefined) policy.onSuccess(onCall);
    return {
      call: (work, signal) => policy.execute(work, signal),
      save: () => policy.toJSON(),
      isolate: () => void policy.isolate(),
    };
  };
  return {
    name: 'cockatiel',
    hearsCalls: true,
    canAbort: true,
    canIsolate: true,
    givesSignal: true,
    breaker: newBreaker,
    savedBreaker: newBreaker,
    checkedBreaker: (options) => newBreaker(options),
    windowBreaker({ windowMs, minimumCalls, openForMs }) {
      const minimumRps = minimumCalls / (windowMs / MS_PER_SECOND);
      const breaker = new SamplingBreaker({ threshold: HALF, duration: windowMs, minimumRps });
      const policy = circuitBreaker(handleAll, { breaker, halfOpenAfter: openForMs });
      return { call: (work, signal) => policy.execute(work, signal) };
    },
    ...limits(library),
    ...retries(library),
  };
}

function doubling({ ExponentialBackoff, noJitterGenerator }: Cockatiel, initialDelay: number): Backoff {
  return new ExponentialBackoff({ initialDelay, maxDelay: Number.MAX_SAFE_INTEGER, generator: noJitterGenerator });
}

function limits(library: Cockatiel): Pick<Library, 'limitedBreaker' | 'bulkhead' | 'timeout'> {
  const { ConsecutiveBreaker, circuitBreaker, handleAll } = library;
  return {
    limitedBreaker({ failures, openForMs, limit }) {
      const breaker = circuitBreaker(handleAll, {
        breaker: new ConsecutiveBreaker(failures),
        halfOpenAfter: openForMs,
      });
      const policy = library.wrap(breaker, library.bulkhead(limit, 0));
      return { call: (work, signal) => policy.execute(work, signal) };
    },
    bulkhead({ limit, queueLimit }) {
      const policy = library.bulkhead(limit, queueLimit);
      return { call: (work, signal) => policy.execute(work, signal) };
    },
    timeout({ ms }) {
      const policy = library.timeout(ms, 'aggressive');
      let told = 0;
      policy.onTimeout(() => told++);
      return { run: (work, signal) => policy.execute((context) => work(context.signal), signal), told: () => told };
    },
  };
}

function retries(library: Cockatiel): Pick<Library, 'retry' | 'defaultRetry'> {
  const { ExponentialBackoff, handleAll } = library;
  return {
    retry({ retries, firstMs, mostMs, factor, waits }) {
      const generator = waits === 'exact' ? { generator: library.noJitterGenerator } : {};
      const given = { initialDelay: firstMs, maxDelay: mostMs, exponent: factor, ...generator };
      const policy = library.retry(handleAll, { maxAttempts: retries, backoff: new ExponentialBackoff(given) });
      return { run: (work, signal) => policy.execute(work, signal) };
    },
    defaultRetry() {
      const policy = library.retry(handleAll, {});
      return { run: (work, signal) => policy.execute(work, signal) };
    },
  };
}
