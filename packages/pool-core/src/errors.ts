/**
 * Owns the errors that a pool hands out: one class and one stable `code` per thing that can go wrong.
 * It must never know why the pool decided so, nor see a secret: causes arrive masked.
 */
import { CryoError, type CryoErrorOptions, StacklessError } from '@cryo/resilience';
import { describeCause, describeSnapshot } from './description.ts';
import type { DriverPhase } from './driver.ts';
import type { PoolSnapshot } from './snapshot.ts';

/**
 * The root of what `acquire`, `use` and `ready` reject with when the pool itself says no. `message` says what the pool
 * was doing, `snapshot` has all of it. There is no stack trace: these errors are raised in bulk from timers, where a
 * trace would name none of the caller's code.
 */
export class PoolError extends StacklessError {
  /** The pool's name. */
  declare readonly pool: string;
  readonly #snapshot: PoolSnapshot;

  /** @param options `cause` is read from it; passed on as it is, since these errors are made by the ten thousand */
  constructor(code: string, message: string, snapshot: PoolSnapshot, options?: CryoErrorOptions) {
    super(code, message, options);
    this.pool = snapshot.pool;
    this.#snapshot = snapshot;
  }

  override get name(): string {
    return 'PoolError';
  }

  /** The pool at the moment of the refusal. A getter, so that printing the error stays readable: `message` has the gist. */
  get snapshot(): PoolSnapshot {
    return this.#snapshot;
  }
}

/** No connection came free in time. `cause` is what the last dial failed with, when it did. */
export class AcquireTimeoutError extends PoolError {
  /** How long the request waited, in ms. */
  declare readonly waitedMs: number;

  constructor(snapshot: PoolSnapshot, details: { readonly waitedMs: number; readonly cause?: unknown }) {
    super('ACQUIRE_TIMEOUT', timeoutMessage(snapshot, Math.round(details.waitedMs), details.cause), snapshot, details);
    this.waitedMs = details.waitedMs;
  }

  override get name(): string {
    return 'AcquireTimeoutError';
  }
}

/** What an unavailable server says: `cause` is the dial's own error, `retryAfterMs` when the pool tries again. */
export interface UnavailableDetails {
  /** In ms, until the next probe; `undefined` when none is due. */
  readonly retryAfterMs: number | undefined;
  /** The dial's own error. */
  readonly cause: unknown;
}

/** Nobody answers at the server's address, and no connection is left that could serve. */
export class ServerUnavailableError extends PoolError {
  /** In ms, until the next probe; `undefined` when none is due. */
  declare readonly retryAfterMs: number | undefined;

  constructor(snapshot: PoolSnapshot, details: UnavailableDetails) {
    super('SERVER_UNAVAILABLE', unavailableMessage(snapshot, 'the server is unavailable', details), snapshot, details);
    this.retryAfterMs = details.retryAfterMs;
  }

  override get name(): string {
    return 'ServerUnavailableError';
  }
}

/** The server answers and refuses for good: a wrong password, no such database. No retry helps until that is changed. */
export class MisconfiguredError extends PoolError {
  /** In ms, until the pool looks again; `undefined` when no look is due. */
  declare readonly retryAfterMs: number | undefined;

  constructor(snapshot: PoolSnapshot, details: UnavailableDetails) {
    super('MISCONFIGURED', unavailableMessage(snapshot, 'the server refuses this pool', details), snapshot, details);
    this.retryAfterMs = details.retryAfterMs;
  }

  override get name(): string {
    return 'MisconfiguredError';
  }
}

/** The pool is closing or closed. */
export class PoolClosedError extends PoolError {
  constructor(snapshot: PoolSnapshot) {
    super('POOL_CLOSED', `Pool '${snapshot.pool}' is ${snapshot.state === 'closed' ? 'closed' : 'closing'}`, snapshot);
  }

  override get name(): string {
    return 'PoolClosedError';
  }
}

/** As many requests as `acquire.queueLimit` allows are waiting already. */
export class QueueFullError extends PoolError {
  constructor(snapshot: PoolSnapshot) {
    super('QUEUE_FULL', `Pool '${snapshot.pool}': the queue is full (${describeSnapshot(snapshot)})`, snapshot);
  }

  override get name(): string {
    return 'QueueFullError';
  }
}

const REFUSAL_BRAND: unique symbol = Symbol.for('cryo.refusal');

/** What a request that is shed hears. */
export interface ShedDetails {
  /** How long the request waited, in ms. */
  readonly waitedMs: number;
  /** In ms, until who waits now is served. */
  readonly retryAfterMs: number;
  /** What the last dial failed with, when it did. */
  readonly cause: unknown;
}

/**
 * The pool is overloaded and sheds: the request had waited for `shedding.limitMs` and newer ones are served first, so it is
 * refused before its deadline, while its caller can still do something else. `cause` is what the last dial failed with, when
 * it did. A refusal (`isRefusal`): a retry waits for `retryAfterMs` first, and to a breaker it is neutral.
 */
export class AcquireShedError extends PoolError {
  /** How long the request waited, in ms. */
  declare readonly waitedMs: number;
  /** When asking again may help, in ms: the time that it takes to serve who waits now, at the pace of late. */
  declare readonly retryAfterMs: number;
  /** Who refused: `'pool'`. */
  declare readonly policy: string;

  constructor(snapshot: PoolSnapshot, details: ShedDetails) {
    const waitedMs = Math.round(details.waitedMs);
    const what = `Pool '${snapshot.pool}': overloaded, shed after ${waitedMs} ms (${describeSnapshot(snapshot)})`;
    super('ACQUIRE_SHED', `${what}; next attempt in ${Math.round(details.retryAfterMs)} ms`, snapshot, details);
    this.waitedMs = details.waitedMs;
    this.retryAfterMs = details.retryAfterMs;
    this.policy = 'pool';
  }

  override get name(): string {
    return 'AcquireShedError';
  }

  get [REFUSAL_BRAND](): true {
    return true;
  }
}

/** The caller's own signal ended the wait; `cause` is the reason that the signal gave. */
export class AcquireAbortedError extends PoolError {
  /** How long the request waited, in ms. */
  declare readonly waitedMs: number;

  constructor(snapshot: PoolSnapshot, details: { readonly waitedMs: number; readonly cause: unknown }) {
    const waitedMs = Math.round(details.waitedMs);
    super('ACQUIRE_ABORTED', `Pool '${snapshot.pool}': aborted by its caller after ${waitedMs} ms`, snapshot, details);
    this.waitedMs = details.waitedMs;
  }

  override get name(): string {
    return 'AcquireAbortedError';
  }
}

/** A lease was used after its release, or after the pool took it back. A mistake of the caller's, so it has a stack. */
export class LeaseReleasedError extends CryoError {
  /** The pool's name. */
  declare readonly pool: string;

  constructor(pool: string, details: { readonly label?: string | undefined; readonly cause?: unknown } = {}) {
    const lease = details.label === undefined ? 'a lease' : `the lease '${details.label}'`;
    super('LEASE_RELEASED', `Pool '${pool}': ${lease} was used after it ended`, optionsOf(details.cause));
    this.pool = pool;
  }

  override get name(): string {
    return 'LeaseReleasedError';
  }
}

/** The driver gave no answer within the time limit of the phase. */
export class DriverTimeoutError extends StacklessError {
  /** The call that was not answered. */
  declare readonly phase: DriverPhase | 'close';
  /** The time limit of that call, in ms. */
  declare readonly timeoutMs: number;

  constructor(phase: DriverPhase | 'close', timeoutMs: number) {
    super('DRIVER_TIMEOUT', `The driver did not answer within ${timeoutMs} ms (${phase})`);
    this.phase = phase;
    this.timeoutMs = timeoutMs;
  }

  override get name(): string {
    return 'DriverTimeoutError';
  }
}

/** Requests refused in bulk share one snapshot, and so one message. */
let lastTimeout: { snapshot: PoolSnapshot | undefined; waitedMs: number; cause: unknown; message: string } = {
  snapshot: undefined,
  waitedMs: 0,
  cause: undefined,
  message: '',
};

function timeoutMessage(snapshot: PoolSnapshot, waitedMs: number, cause: unknown): string {
  const { snapshot: lastSnapshot, waitedMs: lastWaitedMs, cause: lastCause } = lastTimeout;
  if (snapshot !== lastSnapshot || waitedMs !== lastWaitedMs || cause !== lastCause) {
    const what = `Pool '${snapshot.pool}': no connection within ${waitedMs} ms (${describeSnapshot(snapshot)})`;
    const lastDial = cause === undefined ? '' : `; the last dial failed: ${describeCause(cause)}`;
    lastTimeout = { snapshot, waitedMs, cause, message: `${what}${lastDial}` };
  }
  return lastTimeout.message;
}

function unavailableMessage(snapshot: PoolSnapshot, what: string, { cause, retryAfterMs }: UnavailableDetails): string {
  const next = retryAfterMs === undefined ? '' : `; next attempt in ${Math.round(retryAfterMs)} ms`;
  const why = cause === undefined ? '' : `: ${describeCause(cause)}`;
  return `Pool '${snapshot.pool}': ${what}${why}${next}`;
}

function optionsOf(cause: unknown): { readonly cause: unknown } | undefined {
  return cause === undefined ? undefined : { cause };
}
