/**
 * Owns the counting of what a policy does, by outcome.
 * Must never know what an outcome means.
 */
import type { Counter } from './metrics/counter.ts';
import type { Registry } from './metrics/registry.ts';

/** What is counted: a family of counters that differ in the label `outcome`. */
export interface OutcomeFamily<Outcome extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly outcomes: readonly Outcome[];
}

/** Counts one outcome; undefined without a registry. Every child exists from the start, so that a rate has no gaps. */
export function countOutcomes<const Outcome extends string>(
  registry: Registry | undefined,
  { name, help, labels, outcomes }: OutcomeFamily<Outcome>,
): ((outcome: Outcome) => void) | undefined {
  if (registry === undefined) return undefined;
  const counters = new Map<Outcome, Counter>();
  for (const outcome of outcomes) {
    counters.set(outcome, registry.counter({ name, help, labels: { ...labels, outcome } }));
  }
  return (outcome) => counters.get(outcome)?.add();
}
