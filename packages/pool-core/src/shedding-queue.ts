/**
 * Owns the discipline under overload: which class is served newest first, from when to when, and who in it is overdue.
 * It must never refuse anybody, nor tell anything.
 */
import type { Clock } from '@cryo/resilience';
import type { SheddingSettings } from './options.ts';
import type { Priority, QueuedRequest, Settle, Waiter } from './request.ts';
import { type PriorityClass, WaitQueue } from './wait-queue.ts';

const { POSITIVE_INFINITY: NEVER } = Number;

/** A class that began to shed, or ceased to. Times in ms. */
export interface SheddingChange {
  readonly priority: Priority;
  readonly waiting: number;
  /** Since when it has been shedding: now, when it began. */
  readonly sinceMs: number;
}

/** How long the wait of one class has been too long, as the controlled-delay algorithm sees it. */
interface Standing {
  /** From when on the oldest has waited for the target or longer without a break, in ms; NEVER: nobody looked yet. */
  aboveFromMs: number;
  sheddingSinceMs: number | undefined;
}

/**
 * A queue that is first in, first out until it stands. Each class is judged by itself: the wait of its oldest request is
 * what the next one served will have waited, and once that has not been below the target for a whole interval, the class
 * is *shedding*: its newest request goes first, and whoever has waited for the limit is overdue. It ends as soon as the
 * oldest has waited for less than the target.
 *
 * ```text
 *   wait of the oldest                        ┌ overdue ones leave at the limit
 *   limitMs  ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ▄▀▀▀▀▀▀▀▀▀▀▄
 *   targetMs ─ ─ ─ ─ ─ ▄▄▄▄▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀             ▀▄ ─ ─ ─
 *            ▁▂▁▃▂▄▃▅▀▀│←──── intervalMs ─→│←─ shedding ─→│▀▂▁▂▁
 *                      aboveFromMs          newest first    first in, first out again
 * ```
 *
 * Only what is opted in to pays for it: a place that is looked up, and the clock read, for each request that is taken.
 */
export class SheddingQueue<Grant> extends WaitQueue<Grant> {
  readonly #settings: SheddingSettings;
  readonly #clock: Clock;
  readonly #standings: Readonly<Record<Priority, Standing>> = { high: standing(), normal: standing(), low: standing() };
  /** Waits count from here on at the earliest, in ms: after a freeze, or a suspension. */
  #countedFromMs = -NEVER;

  /** @param timeoutMs of those that have no time limit of their own */
  constructor(limit: number, timeoutMs: number, settings: SheddingSettings, clock: Clock) {
    super(limit, timeoutMs);
    this.#settings = settings;
    this.#clock = clock;
  }

  override join(settle: Settle<Grant>, now: number): void {
    super.join(settle, now);
    this.#lookInTime(now);
  }

  override push(request: QueuedRequest<Grant>): void {
    super.push(request);
    this.#lookInTime(request.enqueuedAtMs);
  }

  override get sheddingSinceMs(): number | undefined {
    const { high, normal, low } = this.#standings;
    return earlier(earlier(high.sheddingSinceMs, normal.sheddingSinceMs), low.sheddingSinceMs);
  }

  override nextLookMs(): number {
    let atMs = this.nextDeadlineMs();
    for (const one of this.classes) {
      const { aboveFromMs, sheddingSinceMs } = this.#attend(one);
      if (one.line.size === 0) continue;
      const dueMs = sheddingSinceMs === undefined ? aboveFromMs + this.#settings.intervalMs : this.#overdueMs(one);
      atMs = Math.min(atMs, dueMs);
    }
    return atMs;
  }

  /** Lets the classes whose wait has stood for too long begin to shed; answers them. */
  begin(now: number): readonly SheddingChange[] {
    const changes: SheddingChange[] = [];
    for (const one of this.classes) {
      const seen = this.#attend(one);
      if (seen.sheddingSinceMs !== undefined || now < seen.aboveFromMs + this.#settings.intervalMs) continue;
      seen.sheddingSinceMs = now;
      changes.push({ priority: one.priority, waiting: one.line.size, sinceMs: now });
    }
    return changes;
  }

  /** Lets the classes whose wait is short again cease to shed; answers them. */
  end(now: number): readonly SheddingChange[] {
    const changes: SheddingChange[] = [];
    for (const one of this.classes) {
      const seen = this.#attend(one);
      if (seen.sheddingSinceMs === undefined || seen.aboveFromMs <= now) continue;
      changes.push({ priority: one.priority, waiting: one.line.size, sinceMs: seen.sheddingSinceMs });
      seen.sheddingSinceMs = undefined;
    }
    return changes;
  }

  /** Takes out the oldest of a class that is shedding, when it has waited for the limit. */
  takeOverdue(now: number): Waiter<Grant> | undefined {
    for (const one of this.classes) {
      const { sheddingSinceMs } = this.#attend(one);
      if (sheddingSinceMs === undefined || one.line.size === 0 || this.#overdueMs(one) > now) continue;
      const waiter = super.takeFrom(one);
      if (one.line.size === 0) one.passedOver = 0;
      this.#moved(one);
      return waiter;
    }
    return undefined;
  }

  /** What was waited until then counts no more; NEVER stops the counting until it is called again. */
  countFrom(fromMs: number): void {
    this.#countedFromMs = fromMs;
    for (const one of this.classes) this.#standings[one.priority].aboveFromMs = NEVER;
  }

  /**
   * The event loop was blocked for so many ms at least, until now: nobody could be served, which says nothing of the load. A
   * short block is not counted; after a long one the count begins anew, since part of it came before the timer was due.
   */
  blocked(forMs: number, now: number): void {
    for (const one of this.classes) {
      const seen = this.#attend(one);
      if (seen.aboveFromMs >= now || seen.sheddingSinceMs !== undefined) continue;
      seen.aboveFromMs = forMs >= this.#settings.targetMs ? now : Math.min(now, seen.aboveFromMs + forMs);
    }
  }

  override remove(request: QueuedRequest<Grant>): void {
    const one = this.classOf(request.priority);
    this.#attend(one);
    super.remove(request);
    this.#moved(one);
  }

  override takeExpired(now: number): Waiter<Grant> | undefined {
    const plain = this.classOf('normal');
    this.#attend(plain);
    const waiter = super.takeExpired(now);
    if (waiter !== undefined) this.#moved(plain);
    return waiter;
  }

  protected override takeFrom(one: PriorityClass<Grant>): Waiter<Grant> {
    const { sheddingSinceMs } = this.#attend(one);
    const waiter = sheddingSinceMs === undefined ? super.takeFrom(one) : this.takeNewest(one);
    this.#moved(one);
    return waiter;
  }

  /** Here that may be long before the deadline. */
  #lookInTime(now: number): void {
    const { limitMs, targetMs, intervalMs } = this.#settings;
    this.lookDueMs = Math.min(this.lookDueMs, now + Math.min(limitMs, targetMs + intervalMs));
  }

  /** The first look since somebody waits: the oldest has been the oldest all along. */
  #attend(one: PriorityClass<Grant>): Standing {
    const seen = this.#standings[one.priority];
    if (seen.aboveFromMs === NEVER && one.line.size > 0) seen.aboveFromMs = this.#aboveFromMs(one);
    return seen;
  }

  /** Somebody left: when the oldest now has not waited for the target yet, what stood there before has come to its end. */
  #moved(one: PriorityClass<Grant>): void {
    const seen = this.#standings[one.priority];
    const fromMs = one.line.size === 0 ? NEVER : this.#aboveFromMs(one);
    if (fromMs > seen.aboveFromMs && fromMs > this.#clock.now()) seen.aboveFromMs = fromMs;
  }

  #aboveFromMs({ line }: PriorityClass<Grant>): number {
    return Math.max(line.firstSinceMs, this.#countedFromMs) + this.#settings.targetMs;
  }

  #overdueMs({ line }: PriorityClass<Grant>): number {
    return Math.max(line.firstSinceMs, this.#countedFromMs) + this.#settings.limitMs;
  }
}

function earlier(oneMs: number | undefined, otherMs: number | undefined): number | undefined {
  return oneMs === undefined || (otherMs !== undefined && otherMs < oneMs) ? otherMs : oneMs;
}

function standing(): Standing {
  return { aboveFromMs: NEVER, sheddingSinceMs: undefined };
}
