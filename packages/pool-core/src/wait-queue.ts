/**
 * Owns the requests that wait, first come first served, and who of them is out of time.
 * It must never know what they wait for.
 */
import { assert } from '@cryo/resilience';
import { DeadlineHeap } from './deadline-heap.ts';
import type { QueuedRequest } from './request.ts';

/** A FIFO threaded through its members, so that a cancelled request leaves at once, beside a heap of deadlines. */
export class WaitQueue<Grant> {
  readonly limit: number;
  head: QueuedRequest<Grant> | undefined;
  #tail: QueuedRequest<Grant> | undefined;
  size = 0;
  readonly #deadlines = new DeadlineHeap<Grant>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get full(): boolean {
    return this.size >= this.limit;
  }

  push(request: QueuedRequest<Grant>): void {
    assert(!this.full, 'the queue never outgrows its limit');
    request.previous = this.#tail;
    if (this.#tail === undefined) this.head = request;
    else this.#tail.next = request;
    this.#tail = request;
    this.size++;
    if (request.deadlineMs !== Number.POSITIVE_INFINITY) this.#deadlines.add(request);
  }

  /** The request leaves, whatever its place; from here on it counts as settled. */
  remove(request: QueuedRequest<Grant>): void {
    assert(request.state === 'waiting', 'a request leaves the queue once');
    if (request.previous === undefined) this.head = request.next;
    else request.previous.next = request.next;
    if (request.next === undefined) this.#tail = request.previous;
    else request.next.previous = request.previous;
    request.previous = undefined;
    request.next = undefined;
    request.state = 'settled';
    this.size--;
    this.#deadlines.sweep(this.size);
  }

  /** The next deadline of a waiting request, in ms; `Infinity` when nobody has one. */
  nextDeadlineMs(): number {
    return this.#deadlines.first()?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** A waiting request whose deadline has come. */
  expired(now: number): QueuedRequest<Grant> | undefined {
    const first = this.#deadlines.first();
    return first !== undefined && first.deadlineMs <= now ? first : undefined;
  }

  /** Moves deadlines by `later(request)`, which answers the new one: for the one grace after a thaw. */
  postpone(later: (request: QueuedRequest<Grant>) => number): void {
    for (let request = this.head; request !== undefined; request = request.next) request.deadlineMs = later(request);
    this.#deadlines.rebuild();
  }
}
