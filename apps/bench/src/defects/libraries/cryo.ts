/**
 * Owns how this project's own package does what the cases ask for. It is loaded like the peers, after the world was made.
 * It must never know a case.
 */
import type { BreakerSnapshot, Opening, RegistryReading } from '@cryo/resilience';
import type { Breaker, BreakerOptions, Library } from '../library.ts';

const HALF = 0.5;

export async function cryo(): Promise<Library> {
  const library = await import('@cryo/resilience');
  return {
    name: 'cryo',
    canAbort: true,
    canIsolate: true,
    givesSignal: true,
    ...breakers(library),
    ...others(library),
  };
}

type Resilience = typeof import('@cryo/resilience');

function breakers(library: Resilience) {
  const { bulkhead, circuitBreaker, compose, consecutiveFailures, failureRate, fromSnapshot, snapshotOf } = library;
  const newBreaker = (options: BreakerOptions): Breaker => {
    const { failures, openForMs, growth, isNeutral, onOpen, prepare = (same) => same } = options;
    const judge = isNeutral && ((error: unknown) => (isNeutral(error) ? 'neutral' : 'failure'));
    const given = {
      name: 'inventory',
      trip: consecutiveFailures(failures),
      openForMs: growth === undefined ? openForMs : doubling(openForMs),
      halfOpen: prepare({ probes: 1, successes: 1 }),
      judgeError: judge,
    };
    const breaker = circuitBreaker(prepare(given));
    if (onOpen !== undefined) breaker.on('state-changed', ({ to }) => to === 'open' && onOpen());
    return { call: (work, signal) => breaker.execute(work, { signal }) };
  };
  return {
    breaker: newBreaker,
    checkedBreaker: newBreaker,
    savedBreaker({ failures, openForMs }, saved) {
      const given = { name: 'inventory', trip: consecutiveFailures(failures), openForMs };
      const restore = saved === undefined ? undefined : fromSnapshot(saved as BreakerSnapshot);
      const breaker = circuitBreaker({ ...given, restore });
      return {
        call: (work, signal) => breaker.execute(work, { signal }),
        save: () => snapshotOf(breaker),
        isolate: () => void breaker.isolate('by hand'),
        release() {
          for (const isolation of breaker.isolations) isolation.release();
        },
      };
    },
    windowBreaker({ windowMs, minimumCalls, openForMs }) {
      const trip = failureRate({ rate: HALF, minimumCalls, windowMs });
      const breaker = circuitBreaker({ name: 'inventory', trip, openForMs });
      return { call: (work, signal) => breaker.execute(work, { signal }) };
    },
    limitedBreaker({ failures, openForMs, limit }) {
      const breaker = circuitBreaker({ name: 'inventory', trip: consecutiveFailures(failures), openForMs });
      const policy = compose(breaker, bulkhead({ limit }));
      return { call: (work, signal) => policy.execute(work, { signal }) };
    },
  } satisfies Partial<Library>;
}

function doubling(firstMs: number) {
  return ({ openings }: Opening): number => firstMs * 2 ** (openings - 1);
}

function timeoutsIn({ metrics }: RegistryReading): number {
  const counted = metrics.filter(
    ({ name, labels }) => name === 'cryo_timeout_calls_total' && labels.outcome === 'timed-out',
  );
  return counted.reduce((sum, metric) => sum + ('value' in metric ? metric.value : 0), 0);
}

function others({ bulkhead, exponentialBackoff, Registry, retry, timeout }: Resilience) {
  return {
    bulkhead({ limit, queueLimit }) {
      const policy = bulkhead({ limit, queueLimit });
      return { call: (work, signal) => policy.execute(work, { signal }) };
    },
    timeout({ ms }) {
      const registry = new Registry();
      const policy = timeout({ ms, registry });
      return {
        run: (work, signal) => policy.execute((context) => work(context.signal as AbortSignal), { signal }),
        told: () => timeoutsIn(registry.read()),
      };
    },
    retry({ retries, firstMs, mostMs, factor, waits }) {
      const jitter = waits === 'exact' ? 'none' : undefined;
      const backoff = exponentialBackoff({ initialMs: firstMs, maxMs: mostMs, factor, jitter });
      const policy = retry({ maxRetries: retries, backoff });
      return { run: (work, signal) => policy.execute(work, { signal }) };
    },
    defaultRetry() {
      const policy = retry();
      return { run: (work, signal) => policy.execute(work, { signal }) };
    },
  } satisfies Partial<Library>;
}
