import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hedge } from './hedge.ts';
import { retry } from './retry.ts';
import { retryBudget } from './retry-budget.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

/** Whole numbers and eighths, so that every sum below is exact. */
const budgets = fc.record({
  capacity: fc.integer({ min: 1, max: 8 }),
  perSuccess: fc.constantFrom(0, 0.125, 0.5, 1),
  perSecond: fc.constantFrom(0.125, 1, 4),
});

type Act =
  | { readonly kind: 'retried' | 'hedged'; readonly fails: boolean; readonly lastsMs: number }
  | { readonly kind: 'pass'; readonly ms: number };

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('retried' as const, 'hedged' as const),
        fails: fc.boolean(),
        lastsMs: fc.constantFrom(0, 10, 80, 400),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 25, 125, 2_000) }) },
  ),
  { maxLength: 40, size: 'large' },
);

/** Calls through a retry and a hedge that share one budget, and what is seen of them from outside. */
class Callers {
  readonly clock = new VirtualClock();
  readonly budget;
  /** When each try beyond the first of its call began. */
  readonly extras: number[] = [];
  calls = 0;
  tries = 0;
  /** Calls that were answered. A success can refill the budget once at most. */
  successes = 0;
  readonly #retried;
  readonly #hedged;

  constructor(options: Parameters<typeof retryBudget>[0]) {
    const time = { clock: this.clock, timers: this.clock };
    this.budget = retryBudget({ ...options, clock: this.clock });
    this.#retried = retry({ maxRetries: 5, backoff: { delayMs: () => 20 }, budget: this.budget, ...time });
    this.#hedged = hedge({ delayMs: 50, attempts: 4, budget: this.budget, ...time });
  }

  call({ kind, fails, lastsMs }: Extract<Act, { kind: 'retried' | 'hedged' }>): void {
    this.calls++;
    let tries = 0;
    const work = async (): Promise<void> => {
      this.tries++;
      if (tries++ > 0) this.extras.push(this.clock.now());
      await new Promise<void>((resolve) => this.clock.set(lastsMs, resolve, { background: false }));
      if (fails) throw new Error('no answer');
    };
    const policy = kind === 'retried' ? this.#retried : this.#hedged;
    policy.execute(work).then(
      () => this.successes++,
      () => {},
    );
  }
}

describe('Retries and hedges that share a budget', () => {
  it('never make more tries between them than it held, and what time and successes put in', async () => {
    await fc.assert(
      fc.asyncProperty(budgets, acts, async (options, story) => {
        const callers = new Callers(options);
        for (const act of story) {
          if (act.kind === 'pass') await callers.clock.advance(act.ms);
          else callers.call(act);
          const seconds = callers.clock.now() / 1_000;
          const most = options.capacity + options.perSuccess * callers.successes + options.perSecond * seconds;
          expect(callers.extras.length).toBeLessThanOrEqual(most);
          expect(callers.budget.tokens).toBeLessThanOrEqual(options.capacity);
          expect(callers.budget.tokens).toBeGreaterThanOrEqual(0);
        }
        await callers.clock.runUntilIdle(1e6);
        expect(callers.tries).toBe(callers.calls + callers.extras.length);
      }),
      { numRuns: 200 },
    );
  });

  it('spend it to the last token in an outage, and have all of it again once things have been well for long enough', async () => {
    await fc.assert(
      fc.asyncProperty(budgets, fc.integer({ min: 10, max: 30 }), async (options, calls) => {
        const callers = new Callers(options);
        for (let call = 0; call < calls; call++) callers.call({ kind: 'retried', fails: true, lastsMs: 0 });
        await callers.clock.runUntilIdle(1e6);
        expect(callers.extras.length).toBeGreaterThanOrEqual(options.capacity);
        expect(callers.budget.tokens).toBeLessThan(1);
        const missing = options.capacity - callers.budget.tokens;
        await callers.clock.advance((missing / options.perSecond) * 1_000);
        expect(callers.budget.tokens).toBeCloseTo(options.capacity, 9);
      }),
      { numRuns: 100 },
    );
  });
});
