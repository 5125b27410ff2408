/**
 * Owns what a library can be asked to do in a measurement of resilience.
 * It must never know a library, nor how it is measured.
 */
import type { Operation } from '../measure/loop.ts';

export type Work = () => Promise<number>;

/**
 * A library, set up in the lightest way that it documents. What it has not got, it leaves out. Every operation is a closure
 * of the subject's own file, so that no library pays for the shape of another.
 */
export interface Subject {
  readonly name: string;
  /** The work around which nothing is put: what all others are compared with. */
  bareCall?(work: Work): Operation;
  /** A closed breaker that counts failures, around work that succeeds. */
  closedBreaker?(work: Work): Operation;
  /** A closed breaker that looks at the share of failures within some seconds, around work that succeeds. */
  closedWindowBreaker?(work: Work): Operation;
  /** A breaker that stays open: the operation rejects. */
  openBreaker?(work: Work): Promise<Operation>;
  /** Leave for one call and its good end, without a promise. */
  permitPair?(): Operation;
  /** The same, of a breaker that looks at the share of failures within some seconds. */
  windowPermitPair?(): Operation;
  /** A permit asked of a breaker that stays open. */
  refusedPermit?(): Operation;
  /** A retry, around work that succeeds at once. */
  retry?(work: Work): Operation;
  /** A timeout, around work that answers at once. */
  timeout?(work: Work): Operation;
  /** A retry of calls through a closed breaker. */
  retryOfBreaker?(work: Work): Operation;
  /** A retry of calls through a closed breaker, each with a timeout. */
  everyday?(work: Work): Operation;
  /** A hedge, around work that answers before another try begins. */
  hedge?(work: Work): Operation;
  /** A rate limiter that always has a token, around work that succeeds. */
  rateLimiter?(work: Work): Operation;
  /** A bulkhead with room for more, around work that succeeds. */
  roomyBulkhead?(work: Work): Operation;
  /** Two calls at once under a bulkhead for one: the second waits for the place of the first, and is awaited. */
  queuedBulkhead?(work: Work): Operation;
  /** A breaker for each key, so many keys in turn, around work that succeeds. */
  keyedBreakers?(work: Work, keys: readonly string[]): Operation;
  /** Something to answer with in place of an error, around work that succeeds. */
  fallback?(work: Work): Operation;
  /**
   * A breaker that looks at the share of failures within an hour, with so many successes in its window. The share that would
   * open it is never reached, and looked at all the same.
   */
  filledBreaker?(succeeding: Work, failing: Work, calls: number): Promise<FilledBreaker>;
  /** Makes one breaker that nobody has called yet. */
  idleBreaker?(): () => object;
  /** Makes one breaker that looks at the share of failures within some seconds, through which one call has gone. */
  usedWindowBreaker?(work: Work): () => object;
}

/** Two ways through the same breaker. */
export interface FilledBreaker {
  readonly succeeding: Operation;
  /** Rejects. */
  readonly failing: Operation;
}

/** Long enough for no measurement to see a breaker try again. */
export const STAYS_OPEN_MS = 3_600_000;

/** Long enough for no measurement to see a timeout. */
export const TIMEOUT_MS = 10_000;

export const FAILURES_TO_OPEN = 5;

/** Of the breakers that look at a share of failures. */
export const WINDOW = { ms: 10_000, seconds: 10, share: 0.5, minimumCalls: 20 } as const;

/** Of the breakers that are filled: no call of a measurement leaves the window. */
export const LONG_WINDOW = { ms: 3_600_000, seconds: 3_600, share: 0.99, minimumCalls: 360 } as const;

export const PLACES = 10;
