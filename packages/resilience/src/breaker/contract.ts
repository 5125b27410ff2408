/**
 * Owns what a circuit breaker looks like from outside: its operations and its events.
 * Must never know how it comes to an answer.
 */
import type { Clock } from '../clock.ts';
import type { BreakerOpenError } from '../errors.ts';
import type { EventNames } from '../events.ts';
import type { Verdict } from '../outcome.ts';
import type { Policy } from '../policy.ts';
import type { BreakerState, Permit } from './state.ts';

/** Under this symbol a breaker shows the clock that the times in its state are of. */
export const breakerClock: unique symbol = Symbol('cryo.breaker.clock');

/** What a breaker tells, after it has happened. */
export interface BreakerEvents {
  /** It has gone from one state to another. */
  'state-changed': {
    readonly breaker: string;
    readonly from: BreakerState['name'];
    readonly to: BreakerState['name'];
    /** The state it came to. */
    readonly state: BreakerState;
  };
  /** A dry run let a call pass that would have been refused. */
  'would-refuse': { readonly breaker: string; readonly state: BreakerState; readonly reason: string };
}

export const BREAKER_EVENTS: EventNames<BreakerEvents> = { 'state-changed': true, 'would-refuse': true };

/** Holds a breaker isolated until it is released. */
export interface IsolationHandle {
  /** Why, as it was given to `isolate`. */
  readonly reason: string;
  /** Lets go. A second time changes nothing. */
  release(): void;
}

/**
 * Stops calling what keeps failing, and finds out when it may be called again.
 *
 * How `execute` rejects: with a BreakerOpenError, without beginning the work, when there is no permit for the call (open,
 * isolated, half-open with every probe under way, or recovering and not among the share that passes); else with the work's
 * own error.
 */
export interface CircuitBreaker extends Policy {
  /** As in the options: what errors, events and metrics call it. */
  readonly name: string;
  /**
   * The state as the last operation left it, frozen. Reading it changes nothing, so an open time that is over still reads `open`,
   * with `until` in the past, until the next caller becomes a probe.
   */
  readonly state: BreakerState;
  /**
   * Leave for one call, to be settled once; undefined when it is refused. Costs no allocation while closed or open, but for
   * the first refusal of each synchronous run by the real clock. That one stands for up to 63 others of the same run, in
   * which the end of the open time is not seen: `retryAfterMs()` and `execute` look at the clock.
   */
  tryAcquire(): Permit | undefined;
  /**
   * Says how a call with a permit ended. `stale`: the permit is from before the last change of state or of another breaker,
   * or its probe's place has gone to another, and nothing has changed. A probe's permit counts once. A permit from a closed
   * breaker says only in which closed period it was given: settled twice within that period, it counts twice.
   *
   * @param verdict what is none counts as neutral
   * @param durationMs how long the call took, for rules that want to know
   * @param cause what it failed with: the cause of every refusal, should this failure open the breaker
   */
  settle(permit: Permit, verdict: Verdict, durationMs?: number, cause?: unknown): 'counted' | 'stale';
  /** The error for a caller that got no permit. */
  refusal(): BreakerOpenError;
  /** Opens now, as a failure would; when open already, with a new cause and its open time begun anew. */
  trip(cause: unknown): void;
  /** An open breaker lets the next caller probe without waiting further. In any other state nothing changes. */
  probeNow(): void;
  /**
   * Refuses every call until the handle is released; then the breaker goes on from where it was, with what its trip rule has
   * counted. Permits given before are stale.
   */
  isolate(reason: string): IsolationHandle;
  /**
   * What holds it isolated, the oldest first, each to be released: also what a restored snapshot has brought, whose handles
   * went with another process. Empty when it is not isolated.
   */
  readonly isolations: readonly IsolationHandle[];
  /** Closes for all calls, whatever has happened, with nothing counted. Handles of `isolate` stay in force. */
  reset(): void;
  /**
   * In how many ms a permit will be given, if nothing happens before; undefined when one would be given now. Open: the rest
   * of the open time. Half-open with every probe under way: until the first lease expires. Recovering: until the share of
   * calls that pass has grown enough. Isolated: Infinity.
   */
  retryAfterMs(): number | undefined;
  /**
   * Listens; the answer ends it. A listener that throws changes nothing.
   *
   * @throws InvalidOptionsError when there is no such event, or the listener is not a function
   */
  on<Name extends keyof BreakerEvents>(name: Name, listener: (event: BreakerEvents[Name]) => void): () => void;
  readonly [breakerClock]?: Clock;
}
