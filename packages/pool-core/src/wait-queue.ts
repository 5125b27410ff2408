/**
 * Owns the requests that wait: a line for each priority class, whose turn it is, and who is out of time.
 * It must never know what they wait for.
 */
import { assert } from '@cryo/resilience';
import { DeadlineHeap } from './deadline-heap.ts';
import { Line } from './line.ts';
import { type Priority, QueuedRequest, type Settle, type Waiter } from './request.ts';

/** So many leases in a row may go to others while a class waits; then it has a turn. */
const MOST_PASSED_OVER = 16;

export interface PriorityClass<Grant> {
  readonly priority: Priority;
  readonly line: Line<Waiter<Grant>>;
  /** Turns that others had since this class began to wait, or had its last. */
  passedOver: number;
}

/** Requests with the pool's own time limit and nothing else are resolvers in a line; all others have an object and the heap. */
export class WaitQueue<Grant> {
  readonly limit: number;
  readonly #timeoutMs: number;
  size = 0;
  /** Since when there has been somebody waiting without a break, in ms; means nothing while there is nobody. */
  busySinceMs = -0;
  /** Since when the one that was taken last had waited, in ms. */
  takenSinceMs = -0;
  /** By when somebody has to look after the one that joined last, in ms: at its deadline at the latest. */
  lookDueMs = -0;
  /** When deadlines are looked at next anyway, in ms; whoever looks keeps this. */
  lookedAtMs = Number.POSITIVE_INFINITY;
  /** Highest first. */
  protected readonly classes: readonly PriorityClass<Grant>[];
  readonly #high: PriorityClass<Grant>;
  readonly #normal: PriorityClass<Grant>;
  readonly #low: PriorityClass<Grant>;
  /** Requests in the lines beside the normal one. */
  #special = 0;
  readonly #deadlines = new DeadlineHeap<Grant>();

  /** @param timeoutMs of those that have no time limit of their own */
  constructor(limit: number, timeoutMs: number) {
    this.limit = limit;
    this.#timeoutMs = timeoutMs;
    this.#high = { priority: 'high', line: new Line(timeoutMs), passedOver: 0 };
    this.#normal = { priority: 'normal', line: new Line(timeoutMs), passedOver: 0 };
    this.#low = { priority: 'low', line: new Line(timeoutMs), passedOver: 0 };
    this.classes = [this.#high, this.#normal, this.#low];
  }

  get full(): boolean {
    return this.size >= this.limit;
  }

  /** Since when anybody waits, in ms; `Infinity` when nobody does. */
  get oldestSinceMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const { line } of this.classes) {
      if (line.size > 0) oldestMs = Math.min(oldestMs, line.firstSinceMs);
    }
    return oldestMs;
  }

  /** One more who has nothing to say. */
  join(settle: Settle<Grant>, now: number): void {
    assert(!this.full, 'the queue never outgrows its limit');
    if (this.size === 0) this.busySinceMs = now;
    this.size++;
    this.lookDueMs = now + this.#timeoutMs;
    this.#normal.line.push(settle, now);
  }

  push(request: QueuedRequest<Grant>): void {
    assert(!this.full, 'the queue never outgrows its limit');
    if (this.size === 0) this.busySinceMs = request.enqueuedAtMs;
    this.size++;
    if (request.priority !== 'normal') this.#special++;
    const { line } = this.classOf(request.priority);
    this.lookDueMs = request.deadlineMs;
    request.chunk = line.push(request, request.enqueuedAtMs);
    request.index = line.lastIndex;
    if (request.deadlineMs !== Number.POSITIVE_INFINITY) this.#deadlines.add(request);
  }

  /** Takes out whose turn it is. */
  take(): Waiter<Grant> {
    if (this.#special > 0) return this.#takeInTurn();
    this.#normal.passedOver = 0;
    return this.takeFrom(this.#normal);
  }

  /** Takes out whose turn it is where others wait beside the normal ones. */
  #takeInTurn(): Waiter<Grant> {
    const turn = this.#turn();
    for (const other of this.classes) {
      other.passedOver = other === turn || other.line.size === 0 ? 0 : other.passedOver + 1;
    }
    return this.takeFrom(turn);
  }

  /** The request leaves, whatever its place; from here on it counts as settled. */
  remove(request: QueuedRequest<Grant>): void {
    assert(request.state === 'waiting' && request.chunk !== undefined, 'a request leaves the queue once');
    const one = this.classOf(request.priority);
    one.line.leave(request.chunk, request.index);
    if (one.line.size === 0) one.passedOver = 0;
    this.#left(request);
  }

  /** The next deadline of a waiting request, in ms; `Infinity` when nobody has one. */
  nextDeadlineMs(): number {
    const normalMs = this.#normal.line.nextDeadlineMs();
    return Math.min(normalMs, this.#deadlines.first()?.deadlineMs ?? Number.POSITIVE_INFINITY);
  }

  /** When somebody has to be looked at by time alone, in ms; `Infinity` for never. */
  nextLookMs(): number {
    return this.nextDeadlineMs();
  }

  /** Since when a class has been served newest first, in ms; `undefined` as long as all are served in order of arrival. */
  get sheddingSinceMs(): number | undefined {
    return undefined;
  }

  /** Takes out a request whose deadline has come, the earliest first. */
  takeExpired(now: number): Waiter<Grant> | undefined {
    const atMs = this.nextDeadlineMs();
    if (atMs > now) return undefined;
    const request = this.#deadlines.first();
    if (request !== undefined && request.deadlineMs === atMs) {
      this.takenSinceMs = request.enqueuedAtMs;
      this.remove(request);
      return request;
    }
    const { line } = this.#normal;
    const { chunk, index } = line.timed;
    this.takenSinceMs = chunk.sinceMs[index] as number;
    this.size--;
    const waiter = line.leave(chunk, index);
    if (line.size === 0) this.#normal.passedOver = 0;
    return waiter;
  }

  /** Moves every deadline that was not moved before, by `later(since, deadline)`, all in ms: for the one grace after a thaw. */
  postpone(later: (sinceMs: number, deadlineMs: number) => number): void {
    this.#normal.line.postpone(later);
    this.#deadlines.each((request) => {
      if (request.grace === 'used') return;
      request.grace = 'used';
      request.deadlineMs = later(request.enqueuedAtMs, request.deadlineMs);
    });
    this.#deadlines.rebuild();
  }

  /** Takes the one out of a class that has the turn in it. */
  protected takeFrom({ line }: PriorityClass<Grant>): Waiter<Grant> {
    this.takenSinceMs = line.firstSinceMs;
    const waiter = line.shift();
    if (typeof waiter === 'function') this.size--;
    else this.#left(waiter);
    return waiter;
  }

  /** Takes the newest out of a class. */
  protected takeNewest({ line }: PriorityClass<Grant>): Waiter<Grant> {
    const { chunk, index } = line.newest;
    this.takenSinceMs = chunk.sinceMs[index] as number;
    const waiter = line.leave(chunk, index);
    if (waiter instanceof QueuedRequest) this.#left(waiter);
    else this.size--;
    return waiter;
  }

  #left(request: QueuedRequest<Grant>): void {
    request.chunk = undefined;
    request.state = 'settled';
    this.size--;
    if (request.priority !== 'normal') this.#special--;
    this.#deadlines.sweep(this.size);
  }

  /** The highest class that waits, unless one has been passed over too often: the lowest of those. */
  #turn(): PriorityClass<Grant> {
    const { line: low } = this.#low;
    const { line: normal } = this.#normal;
    if (low.size > 0 && this.#low.passedOver >= MOST_PASSED_OVER) return this.#low;
    if (normal.size > 0 && this.#normal.passedOver >= MOST_PASSED_OVER) return this.#normal;
    if (this.#high.line.size > 0) return this.#high;
    return normal.size > 0 ? this.#normal : this.#low;
  }

  protected classOf(priority: Priority): PriorityClass<Grant> {
    if (priority === 'normal') return this.#normal;
    return priority === 'high' ? this.#high : this.#low;
  }
}
