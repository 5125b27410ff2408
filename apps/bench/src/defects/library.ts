/**
 * Owns the words in which a case speaks to every library: a breaker, a breaker with a window of time, a retry.
 * It must never know a library, nor a case.
 */
import type { Work } from './call.ts';

export interface BreakerOptions {
  /** Opens once so many calls in a row have failed, and none has succeeded. */
  readonly failures: number;
  readonly openForMs: number;
  /** Each open time is twice as long as the one before, until it has closed, where a library can do that. */
  readonly growth?: 'doubling';
  /** Such an error says nothing about whoever is called. */
  readonly isNeutral?: (error: unknown) => boolean;
  /** Called when it has opened. */
  readonly onOpen?: () => void;
  /** Called with each call that ends well, or with each call. */
  readonly onCall?: () => void;
  /** Where a breaker has a timer on each call of its own, it is as the library comes, unless it is off. */
  readonly timerOnCalls?: 'off';
  /** Sees the library's own options before the library does. */
  readonly prepare?: <Options extends object>(options: Options) => Options;
}

/** Opens when at least half of at least so many calls within the window have failed. */
export interface WindowOptions {
  readonly windowMs: number;
  readonly minimumCalls: number;
  readonly openForMs: number;
}

export interface Breaker {
  call(work: Work, signal?: AbortSignal): Promise<unknown>;
}

/** A breaker whose state outlives the process. */
export interface SavedBreaker extends Breaker {
  /** What could be written to a file: plain data. */
  save(): unknown;
  /** Holds it open by hand, where the library can do that. */
  isolate?(): void;
  /** Lets go of what held it open by hand when it was saved, with what the library gives to whoever has restored it. */
  release?(): void;
}

/** A breaker with everything switched on that a library lets it do by itself. */
export interface CheckedBreaker extends Breaker {
  /** Ends it for good, by the library's own word. Missing where there is nothing to end: it is let go. */
  end?(): void;
}

export interface RetryOptions {
  readonly retries: number;
  readonly firstMs: number;
  readonly mostMs: number;
  readonly factor: number;
  /** `drawn`: each wait differs from client to client, by the library's own recommended way. */
  readonly waits: 'exact' | 'drawn';
}

/** Work that is told when nobody waits for it any more. */
export type HeedfulWork = (signal: AbortSignal) => Promise<unknown>;

export interface Timeout {
  /** `signal` is `undefined` in a library whose work gets none. */
  run(work: HeedfulWork, signal?: AbortSignal): Promise<unknown>;
  /** How many timeouts it has told of to a listener or counted, where it does that. */
  told?(): number;
}

export interface BulkheadOptions {
  /** Calls at once. */
  readonly limit: number;
  /** Calls that may wait. */
  readonly queueLimit: number;
}

export interface Retry {
  run(work: Work, signal?: AbortSignal): Promise<unknown>;
}

/** What is missing in a library is missing here. */
export interface Library {
  readonly name: string;
  /** Can be told of calls: `BreakerOptions.onCall` works. */
  readonly hearsCalls?: true;
  /** Work under a timeout is given a signal. */
  readonly givesSignal?: true;
  /** A call can be aborted: `signal` works. */
  readonly canAbort?: true;
  /** Can be held open by hand: `SavedBreaker.isolate` works. */
  readonly canIsolate?: true;
  breaker?(options: BreakerOptions): Breaker;
  windowBreaker?(options: WindowOptions): Breaker;
  /** Restores what `save()` gave, or begins afresh. */
  savedBreaker?(options: BreakerOptions, saved?: unknown): SavedBreaker;
  /** Asks `check` at the library's own interval, where it has such a thing. */
  checkedBreaker?(options: BreakerOptions & { readonly check: Work }): CheckedBreaker;
  /** Refuses calls beyond so many at once, and counts failures around that, both as the library comes. */
  limitedBreaker?(options: BreakerOptions & { readonly limit: number }): Breaker;
  bulkhead?(options: BulkheadOptions): Breaker;
  timeout?(options: { readonly ms: number }): Timeout;
  retry?(options: RetryOptions): Retry;
  /** A retry as it is when nothing is said. */
  defaultRetry?(): Retry;
}
