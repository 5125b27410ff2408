import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import type { ExecuteOptions } from './call.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

/** Limits end between the milliseconds at which work does: of two timers for one moment either may be the first. */
const makers = {
  retry: (clock) => retry({ maxRetries: 2, backoff: { delayMs: () => 7 }, clock, timers: clock }),
  patience: (clock) =>
    retry({ maxRetries: 2, deadlineMs: 61.827, backoff: { delayMs: () => 3 }, clock, timers: clock }),
  breaker: (clock) => circuitBreaker({ name: 'b', trip: consecutiveFailures(3), openForMs: 29, clock }),
  timeout: (clock) => timeout({ ms: 23.371, clock, timers: clock }),
  total: (clock) => timeout({ ms: 83.613, clock, timers: clock }),
  hedge: (clock) => hedge({ delayMs: 11.293, clock, timers: clock }),
  lateHedge: (clock) => hedge({ delayMs: 14.719, clock, timers: clock }),
  bulkhead: (clock) => bulkhead({ limit: 2, queueLimit: 2, clock, timers: clock }),
  limiter: (clock) => rateLimiter({ perSecond: 90, burst: 3, wait: { maxWaitMs: 19 }, clock, timers: clock }),
  fallback: () => fallback({ value: 'instead', on: (error) => error !== 'fatal' }),
} satisfies Record<string, (clock: VirtualClock) => Policy<unknown>>;

type Name = keyof typeof makers;

const setDeadlines: readonly Name[] = ['timeout', 'total', 'patience'];
const heedDeadlines: readonly Name[] = [...setDeadlines, 'bulkhead', 'limiter'];

const hedges: readonly Name[] = ['hedge', 'lateHedge'];

/** Without those that would act at the same moment as what is around them, so that either may be the first. */
function unambiguous(names: readonly Name[]): readonly Name[] {
  const first = names.findIndex((name) => setDeadlines.includes(name));
  return names.filter(
    (name, index) =>
      (first === -1 || index <= first || !heedDeadlines.includes(name)) &&
      (!hedges.includes(name) || names.indexOf(name) === index),
  );
}

interface Call {
  readonly afterMs: number;
  readonly tries: readonly { readonly takesMs: number; readonly ending: 'result' | 'error' | 'fatal' }[];
}

/** So much longer work takes with each call, for a wait that ends with one call's work must not end with another's as well. */
const OF_ITS_OWN_MS = 0.0137;

/** What can be seen of each of some calls made one after another, with overlaps: its tries, its end, and when. */
async function play(names: readonly Name[], calls: readonly Call[], options: () => ExecuteOptions | undefined) {
  const clock = new VirtualClock();
  const policy = compose(...names.map((name): Policy<unknown> => makers[name](clock)));
  const logs = calls.map((): string[] => []);
  for (const [index, { afterMs, tries }] of calls.entries()) {
    const log = logs[index] as string[];
    await clock.advance(afterMs);
    let made = 0;
    const call = policy.execute(async ({ attempt }) => {
      const { takesMs, ending } = tries[made++ % tries.length] as Call['tries'][number];
      log.push(`${clock.now()}: tries for the time ${made}, attempt ${attempt}`);
      await sleep(takesMs + index * OF_ITS_OWN_MS, clock, undefined);
      if (ending !== 'result') throw ending;
      return index;
    }, options());
    call.then(
      (value) => log.push(`${clock.now()}: gives ${value}`),
      (error) => log.push(`${clock.now()}: fails with ${error}`),
    );
  }
  await clock.advance(20_000); // five retries, one around the other, take 11 s
  expect(clock.pending()).toBe(0);
  return logs;
}

const part = fc.constantFrom(...(Object.keys(makers) as Name[]));
const oneTry = fc.record({
  takesMs: fc.integer({ min: 0, max: 40 }),
  ending: fc.constantFrom('result', 'error', 'fatal'),
});
const oneCall = fc.record({ afterMs: fc.nat(30), tries: fc.array(oneTry, { minLength: 1, maxLength: 3 }) });

test('A call without options takes a way that asks fewer steps, and it ends as with options that say nothing.', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 5 }),
      fc.array(oneCall, { minLength: 1, maxLength: 12 }) as fc.Arbitrary<Call[]>,
      async (names, calls) => {
        const short = await play(names, calls, () => undefined);
        expect(short).toEqual(await play(names, calls, () => ({})));
      },
    ),
    { numRuns: 60 },
  );
});

test('Frames and limits that serve call after call give each call what fresh ones give it.', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 5 }),
      fc.array(oneCall, { minLength: 1, maxLength: 12 }) as fc.Arbitrary<Call[]>,
      async (parts, calls) => {
        const names = unambiguous(parts);
        const used = await play(names, calls, () => undefined);
        // A signal of the caller makes every limit serve one call only.
        expect(used).toEqual(await play(names, calls, () => ({ signal: new AbortController().signal })));
      },
    ),
    { numRuns: 60 },
  );
});
