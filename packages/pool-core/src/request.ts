/**
 * Owns what a request is: what its caller may say, and what is kept of one that said something while it waits.
 * It must never know which connection it will get, or when.
 */
import type { AbortSignal } from '@cryo/resilience';
import type { Chunk } from './line.ts';

/** Who goes first where several wait: see {@link AcquireOptions.priority}. */
export type Priority = 'high' | 'normal' | 'low';

export const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

/** What a caller may say about one acquire. */
export interface AcquireOptions {
  /** Gives up the place in the queue when it aborts; nothing else is disturbed. */
  readonly signal?: AbortSignal;
  /** Longest wait, in ms; `Infinity` for none. Default: `acquire.timeoutMs` of the pool. */
  readonly timeoutMs?: number;
  /**
   * No wait beyond this, but for the one grace after a freeze: absolute, on the pool's clock, in ms; `timeoutMs` holds beside it.
   * Default: none.
   */
  readonly deadline?: number;
  /** Names the caller in leak reports, events and close reports. */
  readonly label?: string;
  /**
   * A higher class is served before a lower one, within a class in order of arrival. A class that waits gets a turn at the
   * latest once 17 leases in a row went to others. Default `'normal'`.
   */
  readonly priority?: Priority;
}

/** What a waiting promise is resolved with; a refusal is a promise that rejects. */
export type Settle<Grant> = (answer: Grant | Promise<Grant>) => void;

/** One that waits: only the resolver of its promise, where there is nothing else to remember. */
export type Waiter<Grant> = Settle<Grant> | QueuedRequest<Grant>;

/** A request in the wait queue with a time limit, a signal or a label of its own. Times in ms on the pool's clock. */
export class QueuedRequest<Grant> {
  readonly enqueuedAtMs: number;
  /** Absolute, set once; a thaw alone may move it, once. */
  deadlineMs: number;
  grace: 'unused' | 'used' = 'unused';
  readonly label: string | undefined;
  readonly priority: Priority;
  readonly settle: Settle<Grant>;
  state: 'waiting' | 'settled' = 'waiting';
  /** Where it was made, when stacks are captured. */
  acquireStack: string | undefined;
  /** Ends the subscription to the caller's signal. */
  unsubscribe: (() => void) | undefined;
  /** Its place in its line. */
  chunk: Chunk<Waiter<Grant>> | undefined;
  index = 0;

  constructor(
    enqueuedAtMs: number,
    deadlineMs: number,
    { label, priority = 'normal' }: Pick<AcquireOptions, 'label' | 'priority'>,
    settle: Settle<Grant>,
  ) {
    this.enqueuedAtMs = enqueuedAtMs;
    this.deadlineMs = deadlineMs;
    this.label = label;
    this.priority = priority;
    this.settle = settle;
  }
}
