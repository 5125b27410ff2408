import { VirtualClock } from '@cryo/resilience/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SheddingSettings } from './options.ts';
import { type Priority, QueuedRequest, type Waiter } from './request.ts';
import { SheddingQueue } from './shedding-queue.ts';

const { POSITIVE_INFINITY: NEVER } = Number;
const TIMEOUT_MS = 1_000;
const SETTINGS: SheddingSettings = { targetMs: 10, intervalMs: 40, limitMs: 20 };
const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

interface Waiting {
  readonly waiter: Waiter<string>;
  readonly priority: Priority;
  readonly sinceMs: number;
  readonly deadlineMs: number;
}

/**
 * The rule as a paper would state it: it remembers every moment at which somebody left, and looks back over all of them.
 * A class sheds once at every moment of a whole interval its oldest had waited for the target.
 */
class Model {
  waiting: Waiting[] = [];
  readonly sheds: Record<Priority, boolean> = { high: false, normal: false, low: false };
  readonly #passedOver: Record<Priority, number> = { high: 0, normal: 0, low: 0 };
  /** When a class had an oldest that had waited for less than the target, or nobody, last. */
  readonly #lowAtMs: Record<Priority, number> = { high: 0, normal: 0, low: 0 };
  #countedFromMs = 0;
  #lookedAtMs = 0;

  of(priority: Priority): Waiting[] {
    return this.waiting.filter((one) => one.priority === priority);
  }

  next(): Waiting {
    const due = [...PRIORITIES].reverse().find((one) => one !== 'high' && this.#isDue(one));
    const turn = due ?? (PRIORITIES.find((one) => this.of(one).length > 0) as Priority);
    for (const one of PRIORITIES) {
      this.#passedOver[one] = one === turn || this.of(one).length === 0 ? 0 : this.#passedOver[one] + 1;
    }
    return this.of(turn).at(this.sheds[turn] ? -1 : 0) as Waiting;
  }

  leave(waiter: Waiter<string>, now: number): void {
    this.look(now);
    this.waiting = this.waiting.filter((one) => one.waiter !== waiter);
    for (const one of PRIORITIES) if (this.of(one).length === 0) this.#passedOver[one] = 0;
    this.look(now);
  }

  /** Time goes on: was the wait of a class short at any moment until now? */
  look(now: number): void {
    for (const priority of PRIORITIES) {
      const [oldest] = this.of(priority);
      const reachedAtMs = oldest === undefined ? NEVER : this.#sinceMs(oldest) + SETTINGS.targetMs;
      if (reachedAtMs > this.#lookedAtMs) this.#lowAtMs[priority] = Math.min(now, reachedAtMs);
    }
    this.#lookedAtMs = now;
  }

  begin(now: number): Priority[] {
    this.look(now);
    const began = PRIORITIES.filter(
      (one) => !this.sheds[one] && this.of(one).length > 0 && now - this.#lowAtMs[one] >= SETTINGS.intervalMs,
    );
    for (const one of began) this.sheds[one] = true;
    return began;
  }

  end(now: number): Priority[] {
    this.look(now);
    const short = (one: Priority): boolean => {
      const [oldest] = this.of(one);
      return oldest === undefined || now - this.#sinceMs(oldest) < SETTINGS.targetMs;
    };
    const ended = PRIORITIES.filter((one) => this.sheds[one] && short(one));
    for (const one of ended) this.sheds[one] = false;
    return ended;
  }

  overdue(now: number): Waiting | undefined {
    return PRIORITIES.filter((one) => this.sheds[one])
      .map((one) => this.of(one)[0])
      .find((oldest) => oldest !== undefined && now - this.#sinceMs(oldest) >= SETTINGS.limitMs);
  }

  countFrom(now: number): void {
    this.#countedFromMs = now;
    for (const one of PRIORITIES) this.#lowAtMs[one] = now;
  }

  #isDue(priority: Priority): boolean {
    return this.#passedOver[priority] >= 16 && this.of(priority).length > 0;
  }

  #sinceMs({ sinceMs }: Waiting): number {
    return Math.max(sinceMs, this.#countedFromMs);
  }
}

class Twin {
  readonly clock = new VirtualClock();
  readonly queue = new SheddingQueue<string>(100_000, TIMEOUT_MS, SETTINGS, this.clock);
  readonly model = new Model();
  began = 0;
  ended = 0;
  shed = 0;

  join(): void {
    const waiter = () => {};
    const now = this.clock.now();
    this.model.look(now);
    this.queue.join(waiter, now);
    this.model.waiting.push({ waiter, priority: 'normal', sinceMs: now, deadlineMs: now + TIMEOUT_MS });
  }

  push(priority: Priority, timeoutMs: number): void {
    const now = this.clock.now();
    this.model.look(now);
    const waiter = new QueuedRequest<string>(now, now + timeoutMs, { priority }, () => {});
    this.queue.push(waiter);
    this.model.waiting.push({ waiter, priority, sinceMs: now, deadlineMs: now + timeoutMs });
  }

  take(): void {
    if (this.queue.size === 0) return;
    const expected = this.model.next();
    expect(this.queue.take()).toBe(expected.waiter);
    expect(this.queue.takenSinceMs).toBe(expected.sinceMs);
    this.model.leave(expected.waiter, this.clock.now());
  }

  abort(pick: number): void {
    const special = this.model.waiting.filter(({ waiter }) => waiter instanceof QueuedRequest);
    const leaver = special[pick % Math.max(1, special.length)];
    if (leaver === undefined) return;
    this.queue.remove(leaver.waiter as QueuedRequest<string>);
    this.model.leave(leaver.waiter, this.clock.now());
  }

  /** Time stops at every moment at which the queue wants to be looked at. */
  pass(ms: number): void {
    const untilMs = this.clock.now() + ms;
    for (;;) {
      const atMs = Math.min(untilMs, this.queue.nextLookMs());
      this.clock.stall(Math.max(0, atMs - this.clock.now()));
      this.look();
      if (atMs >= untilMs) return;
    }
  }

  look(): void {
    const now = this.clock.now();
    for (let late = this.queue.takeExpired(now); late !== undefined; late = this.queue.takeExpired(now)) {
      expect(this.model.waiting.find(({ waiter }) => waiter === late)?.deadlineMs).toBeLessThanOrEqual(now);
      this.model.leave(late, now);
    }
    const began = this.queue.begin(now).map(({ priority }) => priority);
    expect(began).toEqual(this.model.begin(now));
    this.began += began.length;
    for (let late = this.queue.takeOverdue(now); late !== undefined; late = this.queue.takeOverdue(now)) {
      expect(late).toBe(this.model.overdue(now)?.waiter);
      this.model.leave(late, now);
      this.shed++;
    }
    expect(this.model.overdue(now)).toBeUndefined();
    this.rest();
  }

  rest(): void {
    const now = this.clock.now();
    const ended = this.queue.end(now).map(({ priority }) => priority);
    expect(ended).toEqual(this.model.end(now));
    this.ended += ended.length;
  }

  countFrom(): void {
    const now = this.clock.now();
    this.queue.countFrom(now);
    this.model.countFrom(now);
    this.rest();
  }

  agree(): void {
    expect(this.queue.size).toBe(this.model.waiting.length);
    expect(this.queue.sheddingSinceMs !== undefined).toBe(PRIORITIES.some((one) => this.model.sheds[one]));
    // Nobody has to be looked at before that, and then there is something to do.
    expect(this.queue.nextLookMs()).toBeGreaterThan(this.clock.now());
  }
}

function times(count: number, act: (twin: Twin) => void): (twin: Twin) => void {
  return (twin) => {
    for (let done = 0; done < count; done++) act(twin);
  };
}

const priorities = fc.constantFrom(...PRIORITIES);
const action = fc.oneof(
  { weight: 20, arbitrary: fc.nat(6).map((count) => times(count, (twin) => twin.join())) },
  {
    weight: 15,
    arbitrary: fc.tuple(priorities, fc.integer({ min: 5, max: 300 })).map(
      ([priority, timeoutMs]) =>
        (twin: Twin) =>
          twin.push(priority, timeoutMs),
    ),
  },
  { weight: 20, arbitrary: fc.nat(8).map((count) => times(count, (twin) => twin.take())) },
  { weight: 5, arbitrary: fc.nat().map((pick) => (twin: Twin) => twin.abort(pick)) },
  { weight: 20, arbitrary: fc.nat(25).map((ms) => (twin: Twin) => twin.pass(ms)) },
  { weight: 5, arbitrary: fc.constant((twin: Twin) => twin.rest()) },
  { weight: 1, arbitrary: fc.constant((twin: Twin) => twin.countFrom()) },
);

describe('the queue that sheds, beside the rule as a paper would state it', () => {
  it('serves the same one, begins and ends at the same moments, and finds the same overdue, whatever happens', () => {
    let [began, ended, shed] = [0, 0, 0];
    fc.assert(
      fc.property(fc.array(action, { minLength: 20, maxLength: 120 }), (actions) => {
        const twin = new Twin();
        for (const act of actions) {
          act(twin);
          twin.agree();
        }
        began += twin.began;
        ended += twin.ended;
        shed += twin.shed;
      }),
      { numRuns: 300 },
    );
    // What never happened would have been agreed on in vain.
    expect(Math.min(began, ended, shed)).toBeGreaterThan(0);
  });
});

describe('the queue that sheds', () => {
  function filled(): Twin {
    const twin = new Twin();
    for (let index = 0; index < 3; index++) twin.join();
    return twin;
  }

  it('begins once the oldest has been above the target for an interval, and not a moment earlier', () => {
    const twin = filled();
    expect(twin.queue.nextLookMs()).toBe(50);
    twin.pass(49.9);
    expect(twin.queue.sheddingSinceMs).toBeUndefined();
    twin.clock.stall(0.1);
    expect(twin.queue.begin(50)).toEqual([{ priority: 'normal', waiting: 3, sinceMs: 50 }]);
    expect(twin.queue.sheddingSinceMs).toBe(50);
  });

  it('does not take a burst that is served within an interval for overload, however long the line', () => {
    const twin = new Twin();
    for (let index = 0; index < 800; index++) twin.join();
    for (let index = 0; index < 49; index++) {
      twin.pass(1);
      times(16, (one) => one.take())(twin);
    }
    twin.join();
    times(16, (one) => one.take())(twin);
    twin.pass(45);
    expect(twin.began).toBe(0);
  });

  it('does not count the time for which the event loop was blocked', () => {
    const twin = filled();
    twin.pass(15);
    twin.queue.blocked(4, 15);
    expect(twin.queue.nextLookMs()).toBe(54);
    twin.clock.stall(600);
    twin.queue.blocked(561, 615);
    expect(twin.queue.begin(615)).toEqual([]);
    expect(twin.queue.nextLookMs()).toBe(655);
  });

  it('counts nothing while it is told so, and begins anew afterwards', () => {
    const twin = filled();
    twin.queue.countFrom(NEVER);
    twin.clock.stall(500);
    expect(twin.queue.begin(500)).toEqual([]);
    expect(twin.queue.nextLookMs()).toBe(TIMEOUT_MS);
    twin.queue.countFrom(500);
    expect(twin.queue.nextLookMs()).toBe(550);
  });

  it('does not make a chunk for each request that comes and goes at the edge of one', () => {
    const twin = new Twin();
    for (let index = 0; index < 512; index++) twin.push('low', NEVER);
    twin.clock.stall(50);
    twin.queue.begin(50);
    const chunks = new Set();
    for (let index = 0; index < 5; index++) {
      const waiter = new QueuedRequest<string>(50, NEVER, { priority: 'low' }, () => {});
      twin.queue.push(waiter);
      chunks.add(waiter.chunk);
      expect(twin.queue.take()).toBe(waiter);
    }
    expect(chunks.size).toBe(1);
  });
});
