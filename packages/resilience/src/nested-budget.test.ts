import { expect, test } from 'vitest';
import { hedge } from './hedge.ts';
import { compose } from './policy.ts';
import { retry } from './retry.ts';
import { retryBudget } from './retry-budget.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

test('A call through two policies refills the budget that they share twice, and once where the inner one only takes.', async () => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  for (const [inner, tokens] of [
    ['whole', 2],
    ['takes', 1],
  ]) {
    const budget = retryBudget({ capacity: 2, perSuccess: 1, perSecond: 0, clock });
    while (budget.tryTake());
    const spending = inner === 'whole' ? budget : { tryTake: () => budget.tryTake() };
    const policy = compose(retry({ budget, ...time }), hedge({ delayMs: 50, budget: spending, ...time }));
    await policy.execute(() => 'done');
    let taken = 0;
    while (budget.tryTake()) taken++;
    expect([inner, taken]).toEqual([inner, tokens]);
  }
});
