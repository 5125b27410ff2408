/**
 * Owns the names and payloads of what a pool tells: one word per thing that happened, after it happened.
 * It must never know who listens.
 */
import type { EventNames } from '@cryo/resilience';
import type { DriverPhase, ErrorClass } from './driver.ts';
import type { Priority } from './request.ts';
import type { SizeBounds } from './snapshot.ts';

/** Why a live connection ended. */
export type CloseReason =
  | 'lost'
  | 'check-failed'
  | 'reset-failed'
  | 'lifetime'
  | 'idle-timeout'
  | 'max-uses'
  | 'evicted'
  | 'recycled'
  | 'shrunk'
  | 'reclaimed'
  | 'late'
  | 'pool-closed';

/** Why an acquire was refused. */
export type RefusalReason = 'timeout' | 'aborted' | 'queue-full' | 'shed' | 'unavailable' | 'misconfigured' | 'closed';

/** Every event of a pool with its payload. Times in ms; `connection` is the pool's own number for it. */
export interface PoolEvents {
  /** A dial has given a connection. */
  'connection-opened': { readonly connection: number; readonly dialMs: number };
  /** A live connection has ended. */
  'connection-closed': { readonly connection: number; readonly reason: CloseReason; readonly ageMs: number };
  /** A dial begins. `attempt`: how many failed in a row before it; `probe`: the dial breaker is not closed. */
  'dial-started': { readonly connection: number; readonly attempt: number; readonly probe: boolean };
  /** A dial has failed. `retryInMs`: how long until the pool tries again. */
  'dial-failed': {
    readonly connection: number;
    readonly error: unknown;
    readonly errorClass: ErrorClass;
    readonly retryInMs: number;
  };
  /** A request waits. `waiting` counts it. */
  'request-queued': { readonly waiting: number; readonly label: string | undefined };
  /** A request was refused. */
  'request-refused': { readonly reason: RefusalReason; readonly waitedMs: number; readonly label: string | undefined };
  /** A connection was lent. */
  'lease-granted': { readonly connection: number; readonly waitedMs: number; readonly label: string | undefined };
  /** A lease came home. */
  'lease-released': { readonly connection: number; readonly heldMs: number; readonly label: string | undefined };
  /** A lease was released that had been released before; nothing has changed. */
  'double-release': { readonly connection: number; readonly label: string | undefined };
  /** A connection was found not to work, before a lease or in the background, and ends. */
  'check-failed': { readonly connection: number; readonly purpose: 'borrow' | 'background'; readonly error: unknown };
  /** A driver call failed for a connection, or it broke by itself. */
  'connection-error': {
    readonly connection: number;
    readonly phase: DriverPhase;
    readonly errorClass: ErrorClass;
    readonly error: unknown;
  };
  /** A driver call was given up on long after its time limit; its slot is free again. */
  'call-abandoned': { readonly call: DriverPhase | 'close' };
  /** The dial breaker has gone from one state to another. */
  'breaker-changed': { readonly from: string; readonly to: string; readonly cause: unknown };
  /** The bounds have changed. */
  resized: { readonly from: SizeBounds; readonly to: SizeBounds; readonly by: 'caller' | 'sizer' };
  /** A lease has been held for `leak.warnAfterMs`. */
  'leak-suspected': {
    readonly connection: number;
    readonly heldMs: number;
    readonly label: string | undefined;
    readonly stack: string | undefined;
  };
  /** A lease that was reported as a leak was given back after all. */
  'leak-ended': { readonly connection: number; readonly heldMs: number; readonly label: string | undefined };
  /** A lease was held for `leak.reclaimAfterMs`, and its connection was destroyed. */
  'lease-reclaimed': {
    readonly connection: number;
    readonly heldMs: number;
    readonly label: string | undefined;
    readonly stack: string | undefined;
  };
  /** A lease was garbage-collected before its release, and its connection was destroyed. */
  'lease-dropped': {
    readonly connection: number;
    readonly heldMs: number;
    readonly label: string | undefined;
    readonly stack: string | undefined;
  };
  /** The event loop was blocked: a timer fired this much late. */
  stalled: { readonly lateMs: number };
  /** The process or the machine was frozen for about this long. */
  thawed: { readonly gapMs: number };
  /** Nothing is lent, dialed or checked until `resume()`. */
  suspended: { readonly waiting: number };
  /** Requests are served again. */
  resumed: { readonly waiting: number };
  /** A class of requests is served newest first from now on, and those that have waited for too long are refused early. */
  'shedding-began': { readonly priority: Priority; readonly waiting: number; readonly oldestWaitMs: number };
  /** A class of requests is served in order of arrival again. */
  'shedding-ended': { readonly priority: Priority; readonly lastedMs: number };
  /** A listener, or another part that the caller gave, threw or answered what it may not. */
  'listener-failed': { readonly event: string; readonly error: unknown };
  /** The last connection has ended; `drained`: every lease came home by itself. */
  closed: { readonly drained: boolean };
}

export const POOL_EVENTS: EventNames<PoolEvents> = {
  'connection-opened': true,
  'connection-closed': true,
  'dial-started': true,
  'dial-failed': true,
  'request-queued': true,
  'request-refused': true,
  'lease-granted': true,
  'lease-released': true,
  'double-release': true,
  'check-failed': true,
  'connection-error': true,
  'call-abandoned': true,
  'breaker-changed': true,
  resized: true,
  'leak-suspected': true,
  'leak-ended': true,
  'lease-reclaimed': true,
  'lease-dropped': true,
  stalled: true,
  thawed: true,
  suspended: true,
  resumed: true,
  'shedding-began': true,
  'shedding-ended': true,
  'listener-failed': true,
  closed: true,
};
