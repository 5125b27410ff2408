/**
 * Owns one waiting acquire: its deadline, its label, and the one promise it must settle.
 * It must never know which connection it will get, or when.
 */
import type { AbortSignal } from '@cryo/resilience';

/** What a caller may say about one acquire. */
export interface AcquireOptions {
  /** Gives up the place in the queue when it aborts; nothing else is disturbed. */
  readonly signal?: AbortSignal;
  /** Longest wait, in ms; `Infinity` for none. Default: `acquire.timeoutMs` of the pool. */
  readonly timeoutMs?: number;
  /** Names the caller in leak reports, events and close reports. */
  readonly label?: string;
}

/** A request in the wait queue. Times in ms on the pool's clock. */
export class QueuedRequest<Grant> {
  readonly enqueuedAtMs: number;
  /** Absolute, set once; a thaw alone may move it, once. */
  deadlineMs: number;
  grace: 'unused' | 'used' = 'unused';
  readonly label: string | undefined;
  readonly settle: (answer: Grant | Promise<Grant>) => void;
  state: 'waiting' | 'settled' = 'waiting';
  /** Where it was made, when stacks are captured. */
  acquireStack: string | undefined;
  /** Ends the subscription to the caller's signal. */
  unsubscribe: (() => void) | undefined;
  /** Neighbours in the wait queue. */
  previous: QueuedRequest<Grant> | undefined;
  next: QueuedRequest<Grant> | undefined;

  constructor(
    enqueuedAtMs: number,
    deadlineMs: number,
    label: string | undefined,
    settle: (answer: Grant | Promise<Grant>) => void,
  ) {
    this.enqueuedAtMs = enqueuedAtMs;
    this.deadlineMs = deadlineMs;
    this.label = label;
    this.settle = settle;
  }
}
