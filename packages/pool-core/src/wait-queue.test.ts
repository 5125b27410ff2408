import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueuedRequest } from './request.ts';
import { WaitQueue } from './wait-queue.ts';

function request(deadlineMs: number, label = ''): QueuedRequest<string> {
  return new QueuedRequest<string>(0, deadlineMs, label, () => {});
}

function labels(queue: WaitQueue<string>): (string | undefined)[] {
  const seen: (string | undefined)[] = [];
  for (let waiting = queue.head; waiting !== undefined; waiting = waiting.next) seen.push(waiting.label);
  return seen;
}

describe('the wait queue', () => {
  it('serves in order of arrival, whoever left meanwhile', () => {
    const queue = new WaitQueue<string>(10);
    const [first, second, third] = [request(1, 'a'), request(2, 'b'), request(3, 'c')];
    for (const waiting of [first, second, third]) queue.push(waiting);
    queue.remove(second);
    expect(labels(queue)).toEqual(['a', 'c']);
    expect(second.state).toBe('settled');
  });

  it('never outgrows its limit', () => {
    const queue = new WaitQueue<string>(1);
    queue.push(request(1));
    expect(queue.full).toBe(true);
    expect(() => queue.push(request(1))).toThrow('limit');
  });

  it('lets a request leave once only', () => {
    const queue = new WaitQueue<string>(2);
    const waiting = request(1);
    queue.push(waiting);
    queue.remove(waiting);
    expect(() => queue.remove(waiting)).toThrow('once');
  });

  it('has no deadline when nobody waits or nobody minds waiting', () => {
    const queue = new WaitQueue<string>(2);
    expect(queue.nextDeadlineMs()).toBe(Infinity);
    queue.push(request(Infinity));
    expect(queue.nextDeadlineMs()).toBe(Infinity);
    expect(queue.expired(Number.MAX_VALUE)).toBeUndefined();
  });

  it('moves deadlines for the grace after a freeze', () => {
    const queue = new WaitQueue<string>(2);
    queue.push(request(10));
    queue.push(request(20));
    queue.postpone(({ deadlineMs }) => deadlineMs + 100);
    expect(queue.nextDeadlineMs()).toBe(110);
    expect(queue.expired(109)).toBeUndefined();
  });

  it('knows the earliest deadline and the order of arrival under any sequence of arrivals and departures', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('arrive' as const), deadlineMs: fc.nat(50) }),
      fc.record({ kind: fc.constant('leave' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant('expire' as const), now: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const queue = new WaitQueue<string>(1_000);
        let model: QueuedRequest<string>[] = [];
        for (const step of actions) {
          if (step.kind === 'arrive') {
            const arrival = request(step.deadlineMs);
            queue.push(arrival);
            model.push(arrival);
          } else if (step.kind === 'leave') {
            const leaver = model[step.pick % Math.max(1, model.length)];
            if (leaver !== undefined) queue.remove(leaver);
            model = model.filter((waiting) => waiting !== leaver);
          } else {
            for (let late = queue.expired(step.now); late !== undefined; late = queue.expired(step.now)) {
              expect(late.deadlineMs).toBe(Math.min(...model.map(({ deadlineMs }) => deadlineMs)));
              queue.remove(late);
              model = model.filter((waiting) => waiting !== late);
            }
            expect(model.every(({ deadlineMs }) => deadlineMs > step.now)).toBe(true);
          }
          expect(queue.size).toBe(model.length);
          expect(queue.head).toBe(model[0]);
          expect(queue.nextDeadlineMs()).toBe(Math.min(...model.map(({ deadlineMs }) => deadlineMs)));
        }
      }),
    );
  });
});
