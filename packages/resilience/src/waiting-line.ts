/**
 * Owns the order of calls that wait to be let in, and that each may leave at its deadline or when its caller aborts.
 * Must never know what they wait for.
 */
import { signalOf } from './abort-source.ts';
import type { Alarm, Alarms } from './alarms.ts';
import type { AbortSignal } from './deadline.ts';
import { Deferred } from './deferred.ts';
import { AbortedError, tooLateToBegin } from './errors.ts';
import type { Frame } from './frame.ts';

/** First come, first served. A doubly linked list, so that leaving from the middle frees the place at once. */
export class WaitingLine {
  readonly #alarms: Alarms;
  readonly #left: (waiter: Waiter) => void;
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #length = 0;

  /** @param left told of every waiter that has left without having been let in */
  constructor(alarms: Alarms, left: (waiter: Waiter) => void) {
    this.#alarms = alarms;
    this.#left = left;
  }

  get length(): number {
    return this.#length;
  }

  /** @param now a reading of the clock, needed when the call has a deadline */
  join({ deadline, scope, work }: Pick<Frame, 'deadline' | 'scope' | 'work'>, now: number): Promise<undefined> {
    const waiter = new Waiter(this, deadline, signalOf(scope), work);
    waiter.before = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.behind = waiter;
    this.#last = waiter;
    this.#length++;
    this.#alarms.add(waiter, now);
    if (waiter.signal?.aborted) waiter.abort(); // by somebody who was told of the call on its way here
    return waiter.promise;
  }

  /** Whether anybody waits whose deadline has not passed: a timer may be late to say so. */
  anyInTime(): boolean {
    for (let first = this.#first; first !== undefined; first = this.#first) {
      if (first.dueMs === Infinity || this.#alarms.clock.now() < first.dueMs) return true;
      first.ring();
    }
    return false;
  }

  /** False when nobody waits. Whoever is let in is in from this very moment on. */
  letFirstIn(): boolean {
    const waiter = this.#first;
    if (waiter === undefined) return false;
    this.#takeOut(waiter);
    waiter.resolve(undefined);
    return true;
  }

  leave(waiter: Waiter, error: unknown): void {
    this.#takeOut(waiter);
    waiter.reject(error);
    this.#left(waiter);
  }

  #takeOut(waiter: Waiter): void {
    const { before, behind } = waiter;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    this.#length--;
    this.#alarms.remove(waiter);
    waiter.forget();
  }
}

/** A call in the line. */
export class Waiter extends Deferred<undefined> implements Alarm {
  readonly dueMs: number;
  sequence = 0;
  position = -1;
  before: Waiter | undefined;
  behind: Waiter | undefined;
  readonly #line: WaitingLine;
  readonly signal: AbortSignal | undefined;
  readonly work: object | undefined;
  readonly abort = (): void => this.#line.leave(this, new AbortedError(this.signal?.reason));

  constructor(line: WaitingLine, dueMs: number, signal: AbortSignal | undefined, work: object | undefined) {
    super();
    this.dueMs = dueMs;
    this.#line = line;
    this.signal = signal;
    this.work = work;
    signal?.addEventListener('abort', this.abort, { once: true });
  }

  ring(): void {
    this.#line.leave(this, tooLateToBegin(this.work));
  }

  forget(): void {
    this.signal?.removeEventListener('abort', this.abort);
  }
}
