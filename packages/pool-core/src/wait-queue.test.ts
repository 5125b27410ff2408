import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Priority, QueuedRequest, type Settle, type Waiter } from './request.ts';
import { WaitQueue } from './wait-queue.ts';

const TIMEOUT_MS = 100;

function request(deadlineMs: number, priority: Priority = 'normal', atMs = 0): QueuedRequest<string> {
  return new QueuedRequest<string>(atMs, deadlineMs, { priority }, () => {});
}

function drain(queue: WaitQueue<string>): Waiter<string>[] {
  const taken: Waiter<string>[] = [];
  while (queue.size > 0) taken.push(queue.take());
  return taken;
}

describe('the wait queue', () => {
  it('serves in order of arrival, whoever left meanwhile', () => {
    const queue = new WaitQueue<string>(10, TIMEOUT_MS);
    const [first, second, third] = [request(1), request(2), request(3)];
    for (const waiting of [first, second, third]) queue.push(waiting);
    const plain = () => {};
    queue.join(plain, 1);
    queue.remove(second);
    expect(second.state).toBe('settled');
    expect(drain(queue)).toEqual([first, third, plain]);
    expect(queue.takenSinceMs).toBe(1);
  });

  it('never outgrows its limit', () => {
    const queue = new WaitQueue<string>(1, TIMEOUT_MS);
    queue.push(request(1));
    expect(queue.full).toBe(true);
    expect(() => queue.push(request(1))).toThrow('limit');
    expect(() => queue.join(() => {}, 0)).toThrow('limit');
  });

  it('lets a request leave once only', () => {
    const queue = new WaitQueue<string>(2, TIMEOUT_MS);
    const waiting = request(1);
    queue.push(waiting);
    queue.remove(waiting);
    expect(() => queue.remove(waiting)).toThrow('once');
  });

  it('has no deadline when nobody waits or nobody minds waiting', () => {
    const queue = new WaitQueue<string>(2, Number.POSITIVE_INFINITY);
    expect(queue.nextDeadlineMs()).toBe(Infinity);
    queue.push(request(Infinity));
    queue.join(() => {}, 0);
    expect(queue.nextDeadlineMs()).toBe(Infinity);
    expect(queue.takeExpired(Number.MAX_VALUE)).toBeUndefined();
  });

  it('gives the grace after a freeze to everybody who waits, and to nobody twice', () => {
    const queue = new WaitQueue<string>(9, TIMEOUT_MS);
    const [before, after] = [() => {}, () => {}];
    queue.join(before, 0);
    const special = request(10);
    queue.push(special);
    queue.postpone((_sinceMs, deadlineMs) => deadlineMs + 100);
    expect(queue.nextDeadlineMs()).toBe(110);
    queue.join(after, 120);
    queue.postpone((_sinceMs, deadlineMs) => deadlineMs + 1_000);
    expect([queue.takeExpired(109), queue.takeExpired(110)]).toEqual([undefined, special]);
    expect([queue.takeExpired(199), queue.takeExpired(200)]).toEqual([undefined, before]);
    expect(queue.nextDeadlineMs()).toBe(1_220);
  });
});

describe('priority classes', () => {
  it('serve the higher class first, in order of arrival within a class', () => {
    const queue = new WaitQueue<string>(99, TIMEOUT_MS);
    const order: Priority[] = ['low', 'high', 'normal', 'low', 'high', 'normal'];
    const requests = order.map((priority) => request(Infinity, priority));
    for (const waiting of requests) queue.push(waiting);
    expect(drain(queue).map((waiting) => requests.indexOf(waiting as QueuedRequest<string>))).toEqual([
      1, 4, 2, 5, 0, 3,
    ]);
  });

  it('give a class that waits a turn after at most 17 leases to others, however many of them come', () => {
    const classes: readonly Priority[] = ['high', 'normal', 'low'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...classes), { minLength: 1, maxLength: 400 }), (arrivals) => {
        const queue = new WaitQueue<string>(1_000, TIMEOUT_MS);
        const waiting = { high: 0, normal: 0, low: 0 };
        const passedOver = { high: 0, normal: 0, low: 0 };
        for (const priority of arrivals) {
          // Two of the highest class come for each lease: it alone would take them all.
          for (const arrival of [priority, 'high', 'high'] as const) {
            queue.push(request(Infinity, arrival));
            waiting[arrival]++;
          }
          const { priority: served } = queue.take() as QueuedRequest<string>;
          waiting[served]--;
          for (const one of classes) {
            passedOver[one] = one === served || waiting[one] === 0 ? 0 : passedOver[one] + 1;
            expect(passedOver[one]).toBeLessThanOrEqual(17);
          }
        }
      }),
    );
  });
});

describe('a class that is passed over', () => {
  it('begins to count anew when all of it have left, so that the next to come has no turn before its time', () => {
    const queue = new WaitQueue<string>(99, TIMEOUT_MS);
    const takeSome = (count: number): Priority[] =>
      Array.from({ length: count }, () => (queue.take() as QueuedRequest<string>).priority);
    for (let index = 0; index < 40; index++) queue.push(request(Infinity, 'high'));
    const impatient = request(50, 'low');
    queue.push(impatient);
    takeSome(10);
    queue.remove(impatient);
    queue.push(request(Infinity, 'low'));
    expect(takeSome(16)).toEqual(Array(16).fill('high'));
    expect(takeSome(1)).toEqual(['low']);

    queue.join(() => {}, 0);
    takeSome(10);
    expect(queue.takeExpired(TIMEOUT_MS)).toBeDefined();
    queue.push(request(Infinity, 'high'));
    for (let index = 0; index < 20; index++) queue.push(request(Infinity, 'high'));
    queue.join(() => {}, 0);
    expect(takeSome(16)).toEqual(Array(16).fill('high'));
    expect(queue.take()).toBeTypeOf('function');
  });
});

/** The queue beside a plain array of everybody who waits, in order of arrival. */
class Twin {
  readonly queue = new WaitQueue<string>(100_000, TIMEOUT_MS);
  #model: {
    readonly waiter: Waiter<string>;
    readonly deadlineMs: number;
    readonly sinceMs: number;
    readonly priority: Priority;
  }[] = [];
  #now = 0;

  join(count: number): void {
    for (let joined = 0; joined < count; joined++) {
      const waiter: Settle<string> = () => {};
      this.queue.join(waiter, this.#now);
      this.#model.push({ waiter, deadlineMs: this.#now + TIMEOUT_MS, sinceMs: this.#now, priority: 'normal' });
    }
  }

  push(timeoutMs: number, priority: Priority): void {
    const waiter = request(this.#now + timeoutMs, priority, this.#now);
    this.queue.push(waiter);
    this.#model.push({ waiter, deadlineMs: waiter.deadlineMs, sinceMs: this.#now, priority });
  }

  leave(pick: number): void {
    const special = this.#model.map(({ waiter }) => waiter).filter((waiter) => waiter instanceof QueuedRequest);
    const leaver = special[pick % Math.max(1, special.length)];
    if (leaver === undefined) return;
    this.queue.remove(leaver);
    this.#drop(leaver);
  }

  /** Everybody leaves who can. */
  desert(): void {
    for (const { waiter } of this.#model) if (waiter instanceof QueuedRequest) this.queue.remove(waiter);
    this.#model = this.#model.filter(({ waiter }) => typeof waiter === 'function');
  }

  take(count: number): void {
    for (let taken = 0; taken < count && this.queue.size > 0; taken++) {
      const waiter = this.queue.take();
      const kept = this.#model.find((other) => other.waiter === waiter);
      expect(kept).toBe(this.#model.find(({ priority }) => priority === kept?.priority));
      expect(this.queue.takenSinceMs).toBe(kept?.sinceMs);
      this.#drop(waiter);
    }
  }

  pass(ms: number): void {
    this.#now += ms;
    const { queue } = this;
    for (let late = queue.takeExpired(this.#now); late !== undefined; late = queue.takeExpired(this.#now)) {
      const kept = this.#model.find(({ waiter }) => waiter === late);
      expect(kept?.deadlineMs).toBe(this.#earliestMs());
      expect(queue.takenSinceMs).toBe(kept?.sinceMs);
      this.#drop(late);
    }
    expect(this.#earliestMs()).toBeGreaterThan(this.#now);
  }

  agree(): void {
    expect(this.queue.size).toBe(this.#model.length);
    expect(this.queue.nextDeadlineMs()).toBe(this.#earliestMs());
    expect(this.queue.oldestSinceMs).toBe(Math.min(...this.#model.map(({ sinceMs }) => sinceMs)));
  }

  #earliestMs(): number {
    return Math.min(...this.#model.map(({ deadlineMs }) => deadlineMs));
  }

  #drop(waiter: Waiter<string>): void {
    this.#model = this.#model.filter((kept) => kept.waiter !== waiter);
  }
}

describe('the wait queue beside a plain array', () => {
  const action = fc.oneof(
    fc.nat(900).map((count) => (twin: Twin) => twin.join(count)),
    fc.tuple(fc.nat(400), fc.constantFrom<Priority>('high', 'normal', 'low')).map(
      ([timeoutMs, priority]) =>
        (twin: Twin) =>
          twin.push(timeoutMs, priority),
    ),
    fc.nat().map((pick) => (twin: Twin) => twin.leave(pick)),
    fc.nat(1_500).map((count) => (twin: Twin) => {
      for (let pushed = 0; pushed < count; pushed++) twin.push(300, 'normal');
    }),
    fc.constant((twin: Twin) => twin.desert()),
    fc.nat(900).map((count) => (twin: Twin) => twin.take(count)),
    fc.nat(60).map((ms) => (twin: Twin) => twin.pass(ms)),
  );

  it('agrees on order, deadlines and size under any sequence of arrivals, departures and passing time', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const twin = new Twin();
        for (const act of actions) {
          act(twin);
          twin.agree();
        }
      }),
      { numRuns: 60 },
    );
  });
});
