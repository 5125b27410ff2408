import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { InvalidOptionsError } from './errors.ts';
import { Registry } from './metrics/registry.ts';
import { retry } from './retry.ts';
import { retryBudget, type TokenBudget } from './retry-budget.ts';
import type { RetryBudget } from './retry-options.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

/** Takes until there is nothing left, and answers how often that went. */
function drain(budget: TokenBudget): number {
  let taken = 0;
  while (budget.tryTake()) taken++;
  return taken;
}

describe('What is taken from a retry budget', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: 'take', gapMs: 0 }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'succeed', gapMs: 0 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => ({ kind: 'wait', gapMs: n * 125 })) },
    { weight: 1, arbitrary: fc.constantFrom({ kind: 'wait', gapMs: 3.6e6 }, { kind: 'look', gapMs: 0 }) },
  );
  const steps = fc.array(step, { maxLength: 200, size: 'large' });
  /** Quarters and eighths of seconds, so that every sum below is exact. */
  const quarters = (most: number) => fc.integer({ min: 0, max: most }).map((n) => n / 4);
  const options = fc
    .record({ capacity: quarters(80).map((n) => n + 1), perSuccess: quarters(8), perSecond: quarters(40) })
    .filter(({ perSuccess, perSecond }) => perSuccess + perSecond > 0);

  test('is exactly what a bucket gives that is refilled and capped at every event.', () => {
    fc.assert(
      fc.property(options, steps, (given, history) => {
        let now = 5_000;
        const budget = retryBudget({ ...given, clock: { now: () => now, wallNow: () => 0 } });
        let tokens = given.capacity;
        for (const { kind, gapMs } of history) {
          now += gapMs;
          tokens = Math.min(given.capacity, tokens + (gapMs / 1_000) * given.perSecond);
          if (kind === 'succeed') {
            budget.succeeded();
            tokens = Math.min(given.capacity, tokens + given.perSuccess);
          }
          if (kind === 'take') {
            expect(budget.tryTake()).toBe(tokens >= 1);
            if (tokens >= 1) tokens--;
          }
          if (kind === 'look') expect(budget.tokens).toBeCloseTo(tokens, 9);
        }
        expect(budget.tokens).toBeCloseTo(tokens, 9);
      }),
      { numRuns: 300 },
    );
  });

  test('in any stretch of time is no more than was in it at most, and what went in meanwhile, whatever the fractions.', () => {
    const fraction = (max: number) => fc.double({ min: 0.001, max, noNaN: true });
    const fractions = fc.record({
      capacity: fraction(30).map((n) => n + 1),
      perSuccess: fraction(2),
      perSecond: fraction(20),
    });
    fc.assert(
      fc.property(fractions, steps, fc.double({ min: 0.1, max: 3, noNaN: true }), (given, history, scale) => {
        let now = 0;
        const budget = retryBudget({ ...given, clock: { now: () => now, wallNow: () => 0 } });
        let outMinusIn = 0;
        let least = 0;
        for (const { kind, gapMs } of history) {
          now += gapMs * scale;
          if (kind === 'succeed') budget.succeeded();
          outMinusIn -= (gapMs / 1_000) * scale * given.perSecond + (kind === 'succeed' ? given.perSuccess : 0);
          least = Math.min(least, outMinusIn);
          if (kind === 'take' && budget.tryTake()) outMinusIn++;
          expect(outMinusIn - least).toBeLessThanOrEqual(given.capacity + 1e-6);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('A drained retry budget', () => {
  const drained = (options: Parameters<typeof retryBudget>[0] = {}) => {
    const clock = new VirtualClock();
    const budget = retryBudget({ ...options, clock });
    drain(budget);
    return { budget, clock };
  };

  test('lets the floor pass and no more while nothing succeeds.', async () => {
    const { budget, clock } = drained();
    let taken = 0;
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000);
      taken += drain(budget);
    }
    expect(taken).toBe(600);
  });

  test('refills by success alone, at once: five successes are one retry.', () => {
    const { budget } = drained({ perSecond: 0 });
    for (let success = 0; success < 4; success++) budget.succeeded();
    expect(budget.tryTake()).toBe(false);
    budget.succeeded();
    expect([budget.tryTake(), budget.tryTake()]).toEqual([true, false]);
  });

  test('refills by time alone.', async () => {
    const { budget, clock } = drained({ perSuccess: 0, perSecond: 4 });
    budget.succeeded();
    await clock.advance(249);
    expect(budget.tryTake()).toBe(false);
    await clock.advance(1);
    expect([budget.tryTake(), budget.tryTake()]).toEqual([true, false]);
  });

  test('is full again, and no fuller, once things have gone well for long enough.', async () => {
    const { budget, clock } = drained();
    for (let success = 0; success < 10_000; success++) budget.succeeded();
    await clock.advance(3_600_000);
    expect(budget.tokens).toBe(100);
    expect(drain(budget)).toBe(100);
  });

  test('counts ten successes at a tenth as one whole token, and so on for ever.', () => {
    const { budget } = drained({ perSuccess: 0.1, perSecond: 0 });
    for (let round = 0; round < 1_000; round++) {
      for (let success = 0; success < 10; success++) budget.succeeded();
      expect([budget.tryTake(), budget.tokens, budget.tryTake()]).toEqual([true, 0, false]);
    }
  });

  test('neither gains nor loses by a clock that is set back or broken.', () => {
    const readings = [1_000, 400, Number.NaN, 1_000, 1_100];
    const budget = retryBudget({
      capacity: 1,
      perSecond: 10,
      clock: { now: () => readings.shift() ?? 1_100, wallNow: () => 0 },
    });
    expect([budget.tryTake(), budget.tryTake(), budget.tryTake()]).toEqual([true, false, false]);
    expect([budget.tryTake(), budget.tryTake()]).toEqual([true, false]);
  });
});

describe('Retries that share a budget', () => {
  test('make no more attempts between them than it allows, while a backend is down, and as many as they want once it is well.', async () => {
    const clock = new VirtualClock();
    const budget = retryBudget({ capacity: 10, perSuccess: 0.5, perSecond: 0, clock });
    const backoff = { delayMs: () => 0 };
    const [one, other] = [1, 2].map((n) =>
      retry({ name: `retry ${n}`, maxRetries: 3, backoff, budget, clock, timers: clock }),
    );
    let attempts = 0;
    const down = () => {
      attempts++;
      throw new Error('down');
    };
    for (let call = 0; call < 50; call++) {
      const calls = [one?.execute(down), other?.execute(down)].map((ended) => ended?.catch(() => undefined));
      await clock.advance(1);
      await Promise.all(calls);
    }
    expect(attempts).toBe(100 + 10);
    for (let call = 0; call < 4; call++) await one?.execute(() => 'well');
    expect(budget.tokens).toBe(2);
  });

  test('and pools find in it what they ask of a budget.', () => {
    expectTypeOf<TokenBudget>().toExtend<RetryBudget>();
    expectTypeOf<TokenBudget>().toExtend<{ tryTake(): boolean }>();
  });
});

test('A retry budget counts what it allows and what it does not, and shows what is left.', () => {
  const clock = new VirtualClock();
  const registry = new Registry({ clock });
  const budget = retryBudget({ name: 'inventory', capacity: 2, registry, clock });
  const read = () =>
    Object.fromEntries(registry.read().metrics.map((metric) => [metric.name, 'value' in metric && metric.value]));
  expect(read()).toEqual({
    cryo_retry_budget_tokens: 2,
    cryo_retry_budget_withdrawals_total: 0,
    cryo_retry_budget_rejections_total: 0,
  });
  for (let call = 0; call < 5; call++) budget.tryTake();
  expect(read()).toEqual({
    cryo_retry_budget_tokens: 0,
    cryo_retry_budget_withdrawals_total: 2,
    cryo_retry_budget_rejections_total: 3,
  });
  expect(registry.read().metrics.map(({ labels }) => labels)).toEqual(Array(3).fill({ budget: 'inventory' }));
});

describe('Bad options of a retry budget', () => {
  test('are all named at once, with value and range.', () => {
    expect(() =>
      Reflect.apply(retryBudget, undefined, [{ name: 5, capacity: 0, perSuccess: -1, perSecond: NaN, size: 1 }]),
    ).toThrow(
      new InvalidOptionsError('retryBudget', [
        {
          path: 'size',
          value: 1,
          expected: 'one of the options name, capacity, perSuccess, perSecond, clock, registry',
        },
        { path: 'name', value: 5, expected: 'a string' },
        { path: 'capacity', value: 0, expected: 'a number of at least 1 tokens' },
        { path: 'perSuccess', value: -1, expected: 'a number of at least 0 tokens' },
        { path: 'perSecond', value: Number.NaN, expected: 'a number of at least 0 tokens' },
      ]),
    );
    for (const bad of [{ capacity: Infinity }, { perSuccess: Infinity }, { perSecond: Infinity }, { capacity: 0.5 }]) {
      expect(() => retryBudget(bad)).toThrow(InvalidOptionsError);
    }
    expect(() => Reflect.apply(retryBudget, undefined, [5])).toThrow('options is 5, expected an object');
  });

  test('that would leave it empty for ever are refused.', () => {
    expect(() => retryBudget({ perSuccess: 0, perSecond: 0 })).toThrow('nothing would ever refill the budget');
  });
});
