/**
 * Owns the parts of I2 and I3 that hold for a pool that sheds: who is shed when, and when a class may begin to.
 * It must never know anything that can't be seen from outside the pool.
 */
import type { Settings, SheddingSettings } from '../options.ts';
import type { RequestRecord } from './ledger.ts';
import { type Discipline, type Observation, TIMER_SLACK_MS } from './observation.ts';
import type { SheddingBook, SheddingPeriod } from './shedding-book.ts';

/** First come, first served, and the newest first while its class is shedding. */
export function adaptiveLifo(book: SheddingBook): Discipline {
  return {
    name: 'first come, first served, and newest first while shedding',
    mayOvertake: ({ priority, settledAtMs = 0 }) => book.stateAt(priority, settledAtMs) !== 'calm',
    mayPrecede: ({ priority, settledAtMs = 0 }) => book.stateAt(priority, settledAtMs) !== 'shedding',
  };
}

/** What was wrong about a request that was shed. */
export function judgeShed(request: RequestRecord, settings: Settings, book: SheddingBook): string | undefined {
  const { id, startedAtMs, settledAtMs = 0, priority } = request;
  if (settings.shedding === false) return `request ${id} was shed by a pool that sheds nobody`;
  if (book.stateAt(priority, settledAtMs) === 'calm') return `request ${id} was shed while its class was not shedding`;
  const isHeld = settledAtMs > book.countedFromSetAtMs && settledAtMs < book.countedFromMs;
  if (isHeld) return `request ${id} was shed while the pool held its requests, or within the grace`;
  const countedFromMs = book.countedFromMs > settledAtMs ? startedAtMs : Math.max(startedAtMs, book.countedFromMs);
  const waitedMs = settledAtMs - countedFromMs;
  const early = waitedMs < settings.shedding.limitMs - TIMER_SLACK_MS;
  return early ? `request ${id} was shed after ${waitedMs} of ${settings.shedding.limitMs} ms` : undefined;
}

/** Who should have been shed by now, in a pool that was not disturbed since. */
export function judgeUnshed(
  waiting: RequestRecord,
  nowMs: number,
  settings: Settings,
  book: SheddingBook,
): string | undefined {
  if (settings.shedding === false) return undefined;
  const { targetMs, intervalMs, limitMs } = settings.shedding;
  const mostMs = Math.max(limitMs, targetMs + intervalMs);
  const waitedMs = nowMs - Math.max(waiting.startedAtMs, book.disturbedAtMs);
  if (waitedMs <= mostMs + TIMER_SLACK_MS) return undefined;
  return `request ${waiting.id} has waited for ${waitedMs} ms and was not shed, ${mostMs} is the most`;
}

/** When somebody of a class had waited for the target. */
interface Span {
  readonly priority: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Remembers who waited for too long, as long as that can matter, and looks whether it was so for a whole interval. */
export class StandingWaits {
  readonly #settings: SheddingSettings;
  #spans: Span[] = [];

  constructor(settings: SheddingSettings) {
    this.#settings = settings;
  }

  judge({ ledger, shedding, nowMs }: Observation): string | undefined {
    const { targetMs, intervalMs } = this.#settings;
    const spanOf = ({ priority, startedAtMs, settledAtMs = nowMs }: RequestRecord): Span => {
      return { priority, fromMs: startedAtMs + targetMs, toMs: settledAtMs };
    };
    for (const request of ledger.settled) {
      const span = spanOf(request);
      if (span.fromMs <= span.toMs) this.#spans.push(span);
    }
    if (shedding.began.length > 0) {
      const spans = [...this.#spans, ...[...ledger.waiting.values()].map(spanOf)];
      const early = shedding.began.find((period) => !stood(period, spans, intervalMs));
      if (early !== undefined)
        return `priority ${early.priority} began to shed at ${early.fromMs} ms, and its wait was short`;
    }
    if (this.#spans.length > 0) this.#spans = this.#spans.filter(({ toMs }) => toMs >= nowMs - intervalMs);
    return undefined;
  }
}

/** Whether at every moment of an interval before the period somebody of its class had waited for the target. */
function stood({ priority, fromMs: beganAtMs }: SheddingPeriod, spans: readonly Span[], intervalMs: number): boolean {
  let atMs = beganAtMs;
  const dueMs = beganAtMs - intervalMs + TIMER_SLACK_MS;
  while (atMs > dueMs) {
    const reaching = spans.filter((one) => one.priority === priority && one.fromMs < atMs && one.toMs >= atMs);
    if (reaching.length === 0) return false;
    atMs = Math.min(...reaching.map(({ fromMs }) => fromMs));
  }
  return true;
}
