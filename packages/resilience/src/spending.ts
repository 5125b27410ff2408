/**
 * Owns the asking of a budget that the user passes in: one that is broken allows nothing, and changes no result.
 * Must never know what is paid for.
 */
import { askHook, type HookOwner } from './hooks.ts';
import type { RetryBudget } from './retry-options.ts';

/** Whoever may have a budget. */
export interface Spender extends HookOwner {
  readonly budget?: RetryBudget | undefined;
}

/** Whether one more attempt may be made, which then has been paid for. */
export function mayTake(spender: Spender): boolean {
  const { budget } = spender;
  const isAnswer = (value: unknown) => typeof value === 'boolean';
  return budget === undefined || askHook(spender, 'budget.tryTake', () => budget.tryTake(), isAnswer, false);
}

/** A call ended well. */
export function refill(spender: Spender): void {
  askHook(spender, 'budget.succeeded', () => spender.budget?.succeeded?.());
}
