import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import type { PolicyContext } from './call.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

type Note = (what: string) => void;
type Parts = { readonly clock: VirtualClock; readonly timers: VirtualClock };

/** Whatever each runs, or asks, in the time of a call. */
const policies: Readonly<Record<string, (time: Parts, note: Note) => Policy<unknown>>> = {
  'a hedge': (time) => hedge({ delayMs: 30, attempts: 3, ...time }),
  'a retry around a timeout': (time) =>
    compose(retry({ maxRetries: 2, backoff: { delayMs: () => 1 }, ...time }), timeout({ ms: 40, ...time })),
  'a retry around a hedge': (time) =>
    compose(retry({ maxRetries: 1, backoff: { delayMs: () => 1 }, ...time }), hedge({ delayMs: 30, ...time })),
  'a hedge around a timeout': (time) => compose(hedge({ delayMs: 30, ...time }), timeout({ ms: 40, ...time })),
  'a fallback around a timeout': (time, note) =>
    compose(fallback({ run: () => note('runs instead') }), timeout({ ms: 40, ...time })),
  'a breaker around a timeout': (time, note) => {
    const judgeError = () => {
      note('judges');
      return 'failure' as const;
    };
    const options = { name: 'b', trip: consecutiveFailures(9), openForMs: 10, judgeError, clock: time.clock };
    return compose(circuitBreaker(options), timeout({ ms: 40, ...time }));
  },
  'timeouts, one inside of the other': (time) =>
    compose(
      timeout({ ms: 500, ...time }),
      retry({ maxRetries: 1, backoff: { delayMs: () => 1 }, ...time }),
      timeout({ ms: 40, ...time }),
    ),
  'a bulkhead': (time) => bulkhead({ limit: 1, queueLimit: 5, ...time }),
  'a rate limiter': (time) => rateLimiter({ perSecond: 20, burst: 1, wait: { maxWaitMs: 1_000 }, ...time }),
};

test.each(Object.keys(policies))(
  'What %s runs in the time of a call runs in the async context of its caller, whoever set the timer.',
  async (name) => {
    const clock = new VirtualClock();
    const callers = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const note: Note = (what) => seen.push(`${callers.getStore()}: ${what}`);
    const policy = policies[name]?.({ clock, timers: clock }, note) as Policy<unknown>;
    const call = async (caller: string): Promise<void> => {
      const work = async ({ attempt }: PolicyContext) => {
        note(`${caller}'s try ${attempt}`);
        await sleep(80, clock, undefined);
        note(`${caller}'s try ${attempt} ends`);
        throw new Error('no');
      };
      await policy.execute(work).catch(() => note(`${caller} has an answer`));
    };
    const all = ['Ada', 'Bo', 'Cy'].map((caller) => callers.run(caller, () => call(caller)));
    await clock.advance(2_000);
    await Promise.all(all);
    const [ada, bo, cy] = ['Ada', 'Bo', 'Cy'].map((caller) =>
      seen.filter((line) => line.startsWith(caller)).map((line) => line.replaceAll(caller, 'X')),
    );
    expect(seen.filter((line) => /^(\w+): (Ada|Bo|Cy)/.test(line) && !/^(\w+): \1/.test(line))).toEqual([]);
    expect(ada?.length).toBeGreaterThan(2);
    expect([bo?.toSorted(), cy?.toSorted()]).toEqual([ada?.toSorted(), ada?.toSorted()]);
  },
);
