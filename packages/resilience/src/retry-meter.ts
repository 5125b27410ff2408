/**
 * Owns the metrics of one retry: what is counted, under which names.
 * Must never know why a call ended as it did.
 */
import type { Counter } from './metrics/counter.ts';
import type { Registry } from './metrics/registry.ts';

const OUTCOMES = ['succeeded', 'recovered', 'stopped', 'out-of-retries', 'out-of-time', 'out-of-budget'] as const;

/** How a call ended: at the first try, after retries, with an error not worth another try, or with none left to make. */
export type RetryOutcome = (typeof OUTCOMES)[number];

/** Every child exists from the start, so that a rate over any of them has no gaps. */
export class RetryMeter {
  readonly #calls: Readonly<Record<RetryOutcome, Counter>>;
  readonly #retries: Counter;

  constructor(registry: Registry, retry: string) {
    const ended = (outcome: RetryOutcome): [RetryOutcome, Counter] => [
      outcome,
      registry.counter({
        name: 'cryo_retry_calls_total',
        help: 'Calls made through a retry, by how they ended.',
        labels: { retry, outcome },
      }),
    ];
    this.#calls = Object.fromEntries(OUTCOMES.map(ended)) as Record<RetryOutcome, Counter>;
    this.#retries = registry.counter({
      name: 'cryo_retry_retries_total',
      help: 'Tries after the first one.',
      labels: { retry },
    });
  }

  ended(outcome: RetryOutcome): void {
    this.#calls[outcome].add();
  }

  retried(): void {
    this.#retries.add();
  }
}
