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
  | 'recycled'
  | 'shrunk'
  | 'reclaimed'
  | 'late'
  | 'pool-closed';

/** Why an acquire was refused. */
export type RefusalReason = 'timeout' | 'aborted' | 'queue-full' | 'shed' | 'unavailable' | 'misconfigured' | 'closed';

/** Every event of a pool with its payload. Times in ms; `connection` is the pool's own number for it. */
export interface PoolEvents {
  'connection-opened': { readonly connection: number; readonly dialMs: number };
  'connection-closed': { readonly connection: number; readonly reason: CloseReason; readonly ageMs: number };
  'dial-started': { readonly connection: number; readonly attempt: number; readonly probe: boolean };
  'dial-failed': {
    readonly connection: number;
    readonly error: unknown;
    readonly errorClass: ErrorClass;
    readonly retryInMs: number;
  };
  'request-queued': { readonly waiting: number; readonly label: string | undefined };
  'request-refused': { readonly reason: RefusalReason; readonly waitedMs: number; readonly label: string | undefined };
  'lease-granted': { readonly connection: number; readonly waitedMs: number; readonly label: string | undefined };
  'lease-released': { readonly connection: number; readonly heldMs: number; readonly label: string | undefined };
  'double-release': { readonly connection: number; readonly label: string | undefined };
  'check-failed': { readonly connection: number; readonly purpose: 'borrow' | 'background'; readonly error: unknown };
  'connection-error': {
    readonly connection: number;
    readonly phase: DriverPhase;
    readonly errorClass: ErrorClass;
    readonly error: unknown;
  };
  'call-abandoned': { readonly call: DriverPhase | 'close' };
  'breaker-changed': { readonly from: string; readonly to: string; readonly cause: unknown };
  resized: { readonly from: SizeBounds; readonly to: SizeBounds; readonly by: 'caller' | 'sizer' };
  'leak-suspected': {
    readonly connection: number;
    readonly heldMs: number;
    readonly label: string | undefined;
    readonly stack: string | undefined;
  };
  'lease-reclaimed': {
    readonly connection: number;
    readonly heldMs: number;
    readonly label: string | undefined;
    readonly stack: string | undefined;
  };
  'lease-dropped': {
    readonly connection: number;
    readonly heldMs: number;
    readonly label: string | undefined;
    readonly stack: string | undefined;
  };
  stalled: { readonly lateMs: number };
  thawed: { readonly gapMs: number };
  suspended: { readonly waiting: number };
  resumed: { readonly waiting: number };
  /** A class of requests is served newest first from now on, and those that have waited for too long are refused early. */
  'shedding-began': { readonly priority: Priority; readonly waiting: number; readonly oldestWaitMs: number };
  'shedding-ended': { readonly priority: Priority; readonly lastedMs: number };
  'listener-failed': { readonly event: string; readonly error: unknown };
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
