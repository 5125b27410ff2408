/**
 * Owns the order in which waiting requests run out of time.
 * It must never know why a request left before its time; it drops the settled ones when it meets them.
 */
import type { QueuedRequest } from './request.ts';

/** Settled requests are swept out once they outnumber the waiting ones by this many. */
const SWEEP_SLACK = 64;

/**
 * A binary heap by deadline with lazy deletion. Requests that share the pool's timeout arrive in deadline order, so
 * adding one costs no move; an odd deadline costs O(log n).
 */
export class DeadlineHeap<Grant> {
  #heap: QueuedRequest<Grant>[] = [];

  add(request: QueuedRequest<Grant>): void {
    this.#heap.push(request);
    this.#rise(this.#heap.length - 1);
  }

  /** The waiting request with the earliest deadline. */
  first(): QueuedRequest<Grant> | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.state === 'waiting') return first;
      this.#removeFirst();
    }
  }

  /** Every request that waits. */
  each(visit: (request: QueuedRequest<Grant>) => void): void {
    for (const request of this.#heap) if (request.state === 'waiting') visit(request);
  }

  /** Frees what settled requests hold, once there are many: O(1) amortised per request. */
  sweep(waiting: number): void {
    if (this.#heap.length > 2 * waiting + SWEEP_SLACK) this.rebuild();
  }

  /** Orders everything anew, after deadlines moved. */
  rebuild(): void {
    this.#heap = this.#heap
      .filter((request) => request.state === 'waiting')
      .sort((left, right) => left.deadlineMs - right.deadlineMs);
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    const heap = this.#heap;
    const request = heap[start] as QueuedRequest<Grant>;
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as QueuedRequest<Grant>;
      if (parent.deadlineMs <= request.deadlineMs) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = request;
  }

  #sink(start: number): void {
    const heap = this.#heap;
    const request = heap[start] as QueuedRequest<Grant>;
    let index = start;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && right.deadlineMs < child.deadlineMs) {
        child = right;
        childIndex++;
      }
      if (request.deadlineMs <= child.deadlineMs) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = request;
  }
}
