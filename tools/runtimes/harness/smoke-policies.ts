/**
 * Owns the short checks of every policy with real clocks and timers: small waits, lower bounds, no upper ones.
 * It must never know on which runtime it runs.
 */
import {
  AbortedError,
  BreakerOpenError,
  bulkhead,
  circuitBreaker,
  compose,
  consecutiveFailures,
  constantBackoff,
  DeadlineExceededError,
  exponentialBackoff,
  fallback,
  fromSnapshot,
  Histogram,
  hedge,
  InvalidOptionsError,
  isRefusal,
  keyedBreakers,
  Registry,
  RetriesExhaustedError,
  rateLimiter,
  retry,
  retryBudget,
  snapshotOf,
  systemClock,
  TimeoutError,
  timeout,
} from '@cryo/resilience';
import assert from './assert.ts';
import { pause } from './smoke-time.ts';

const never = (): Promise<never> => new Promise(() => {});
const down = (): Promise<never> => Promise.reject(new Error('down'));
const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
/** Timers may fire up to 1 ms early by the clock. */
const EARLY_MS = 1;

export const policyChecks: Readonly<Record<string, () => Promise<void>>> = {
  async 'a timeout ends the wait and aborts the signal'() {
    const startMs = systemClock.now();
    let reason: unknown;
    const call = timeout({ ms: 30 }).execute(({ signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason));
      return never();
    });
    const error = await outcomeOf(call);
    assert(error instanceof TimeoutError && reason instanceof TimeoutError, 'a TimeoutError');
    assert(systemClock.now() - startMs >= 30 - EARLY_MS, 'not before its time');
  },

  async 'an abort cuts the wait of a retry, and nothing is tried again'() {
    const controller = new AbortController();
    let tries = 0;
    const call = retry({ backoff: constantBackoff({ delayMs: 60_000 }) }).execute(
      () => {
        tries += 1;
        return down();
      },
      { signal: controller.signal },
    );
    void pause(10).then(() => controller.abort());
    assert((await outcomeOf(call)) instanceof AbortedError, 'an AbortedError');
    assert.equal(tries, 1);
  },

  async 'a deadline ends a composed call, and one that has passed begins none'() {
    const call = compose(retry(), timeout({ ms: 60_000 }));
    const error = await outcomeOf(call.execute(never, { deadline: systemClock.now() + 30 }));
    assert(error instanceof DeadlineExceededError || error instanceof RetriesExhaustedError, 'out of time');
    let began = 0;
    const late = call.execute(() => (began += 1), { deadline: systemClock.now() - 1 });
    assert((await outcomeOf(late)) instanceof DeadlineExceededError, 'a DeadlineExceededError');
    assert.equal(began, 0);
  },

  async 'a retry waits its backoff, spends its budget and keeps every error'() {
    const startMs = systemClock.now();
    const backoff = exponentialBackoff({ initialMs: 10, maxMs: 20, jitter: 'none' });
    const budget = retryBudget({ name: 'smoke', capacity: 2, perSecond: 0 });
    const error = await outcomeOf(retry({ maxRetries: 5, backoff, budget }).execute(down));
    assert(error instanceof RetriesExhaustedError, 'a RetriesExhaustedError');
    assert.equal(error.reason, 'out-of-budget');
    assert.equal(error.attempts.length, 3);
    assert(systemClock.now() - startMs >= 30 - 2 * EARLY_MS, 'waited 10 and 20 ms');
  },

  async 'a breaker opens, refuses, lets a probe through when its time is over, and closes'() {
    const options = { name: 'smoke', trip: consecutiveFailures(2), halfOpen: { successes: 1 } };
    const breaker = circuitBreaker({ ...options, openForMs: 500 });
    for (let call = 0; call < 2; call += 1) await outcomeOf(breaker.execute(down));
    const refusal = await outcomeOf(breaker.execute(() => 'not begun'));
    assert(refusal instanceof BreakerOpenError && refusal.retryAfterMs !== undefined, 'refused');
    await pause(510);
    assert.equal(await breaker.execute(() => 'probe'), 'probe');
    assert.equal(breaker.state.name, 'closed');
  },

  async 'a hedge begins a second try beside one that hangs, and aborts the loser'() {
    let lost = false;
    const answer = await hedge({ delayMs: 10 }).execute(({ attempt, signal }) => {
      if (attempt > 0) return `try ${attempt}`;
      signal.addEventListener('abort', () => (lost = true));
      return never();
    });
    assert.equal(answer, 'try 1');
    assert(lost, 'the loser was told');
  },

  async 'a bulkhead admits in order and refuses whom it has no place for'() {
    const order: number[] = [];
    const places = bulkhead({ limit: 1, queueLimit: 2 });
    const calls = [0, 1, 2].map((caller) => places.execute(() => pause(5).then(() => order.push(caller))));
    assert(isRefusal(await outcomeOf(places.execute(() => 'one too many'))), 'refused');
    await Promise.all(calls);
    assert.deepEqual(order, [0, 1, 2]);
    assert.equal(places.running, 0);
  },

  async 'a rate limiter spreads calls over time'() {
    const startMs = systemClock.now();
    const limiter = rateLimiter({ perSecond: 50, burst: 1, wait: { maxWaitMs: 10_000 } });
    await Promise.all([1, 2, 3].map(() => limiter.execute(() => 'done')));
    assert(systemClock.now() - startMs >= 40 - EARLY_MS, 'two waits of 20 ms');
  },

  async 'breakers of many keys do not take each other along'() {
    const hosts = keyedBreakers({ name: 'smoke', breaker: { trip: consecutiveFailures(1), openForMs: 60_000 } });
    await outcomeOf(hosts.get('a').execute(down));
    assert.equal(await hosts.get('b').execute(() => 'up'), 'up');
    assert(isRefusal(await outcomeOf(hosts.get('a').execute(() => 'up'))), 'refused');
  },

  async 'a fallback stands in for an error, and the registry counts both'() {
    const registry = new Registry();
    const policy = compose(fallback({ value: 'old', registry }), timeout({ ms: 1_000, registry }));
    assert.equal(await policy.execute(down), 'old');
    const { metrics } = JSON.parse(JSON.stringify(registry.read()));
    assert(JSON.stringify(metrics).includes('cryo_fallback_calls_total'), 'counted');
  },

  async 'a histogram keeps its bound and merges'() {
    const [even, odd] = [new Histogram(), new Histogram()];
    for (let value = 1; value <= 10_000; value += 1) (value % 2 === 0 ? even : odd).record(value);
    even.merge(odd);
    for (const share of [0.5, 0.9, 0.99]) {
      const [found, exact] = [even.quantile(share), share * 10_000];
      assert(Math.abs(found - exact) <= exact * 0.008 + 1, `quantile ${share} is ${found}`);
    }
    assert.equal(even.count, 10_000);
  },

  async 'a snapshot of an open breaker, as text, opens another one'() {
    const options = { name: 'smoke', trip: consecutiveFailures(1), openForMs: 60_000 };
    const before = circuitBreaker(options);
    before.trip(new Error('down'));
    const saved = JSON.parse(JSON.stringify(snapshotOf(before)));
    const after = circuitBreaker({ ...options, restore: fromSnapshot(saved) });
    assert.equal(after.state.name, 'open');
    // A sum of fractions may come out a little above; a browser's clock often stands still meanwhile.
    assert(Math.round(after.retryAfterMs() ?? 0) <= 60_000, 'and not for longer');
  },

  async 'bad options are one error that lists every fault'() {
    try {
      circuitBreaker({ name: '', trip: consecutiveFailures(1), openForMs: Number.NaN });
    } catch (error) {
      assert(error instanceof InvalidOptionsError, 'typed');
      assert.equal(error.faults.length, 2);
    }
  },
};
