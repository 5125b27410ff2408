/**
 * Owns the count of what became of every request: served, failed by code, never answered, and how long it took.
 * It must never know who asked, nor why a request failed.
 */
import { Histogram } from '@cryo/resilience';

/** What became of one request: an HTTP answer, with the code of its error if it was one, or none at all. */
export type Answer =
  | { readonly kind: 'served' }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'unanswered'; readonly code: string };

/** Times in ms. `errors` counts by code whatever was not served. */
export interface TallyReading {
  readonly sent: number;
  readonly served: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Sent, and without an HTTP answer. */
  readonly unanswered: number;
  /** Arrivals of an open loop that were not sent, because too many were under way. */
  readonly withheld: number;
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
}

export class Tally {
  #sent = 0;
  #answered = 0;
  #served = 0;
  #withheld = 0;
  readonly #errors = new Map<string, number>();
  readonly #latency = new Histogram();

  sent(): void {
    this.#sent += 1;
  }

  withheld(): void {
    this.#withheld += 1;
  }

  settled(answer: Answer, latencyMs: number): void {
    if (answer.kind !== 'unanswered') this.#answered += 1;
    if (answer.kind !== 'served') {
      this.#errors.set(answer.code, (this.#errors.get(answer.code) ?? 0) + 1);
      return;
    }
    this.#served += 1;
    this.#latency.record(latencyMs);
  }

  /** Whatever is still on its way counts as unanswered. */
  read(): TallyReading {
    const { p50, p95, p99, max } = this.#latency.summary();
    return {
      sent: this.#sent,
      served: this.#served,
      errors: Object.fromEntries(this.#errors),
      unanswered: this.#sent - this.#answered,
      withheld: this.#withheld,
      latency: { p50, p95, p99, max },
    };
  }
}
