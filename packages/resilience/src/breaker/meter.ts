/**
 * Owns the metrics of one breaker: what is counted, under which names.
 * Must never know why a call ended as it did.
 */
import type { Counter } from '../metrics/counter.ts';
import type { Registry } from '../metrics/registry.ts';
import type { BreakerState } from './state.ts';

const OUTCOMES = ['success', 'failure', 'neutral', 'stale', 'refused'] as const;
const STATES = ['closed', 'open', 'half-open', 'isolated'] as const;

/** How a call ended, as far as the breaker is concerned. */
export type CallOutcome = (typeof OUTCOMES)[number];

type StateName = BreakerState['name'];

/** Every child exists from the start, so that a rate over any of them has no gaps. */
export class BreakerMeter {
  readonly #calls: Readonly<Record<CallOutcome, Counter>>;
  readonly #changes: Readonly<Record<StateName, Counter>>;

  constructor(registry: Registry, breaker: string, state: () => StateName) {
    this.#calls = each(OUTCOMES, (outcome) =>
      registry.counter({
        name: 'cryo_breaker_calls_total',
        help: 'Calls asked of a breaker, by how they ended.',
        labels: { breaker, outcome },
      }),
    );
    this.#changes = each(STATES, (to) =>
      registry.counter({
        name: 'cryo_breaker_transitions_total',
        help: 'Changes of the state of a breaker, by the state it came to.',
        labels: { breaker, to },
      }),
    );
    for (const name of STATES) {
      registry.gauge({
        name: 'cryo_breaker_state',
        help: '1 for the state a breaker is in, 0 for the others.',
        labels: { breaker, state: name },
        read: () => (state() === name ? 1 : 0),
      });
    }
  }

  ended(outcome: CallOutcome): void {
    this.#calls[outcome].add();
  }

  moved(to: StateName): void {
    this.#changes[to].add();
  }
}

function each<Name extends string>(names: readonly Name[], make: (name: Name) => Counter): Record<Name, Counter> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Counter>;
}
