/**
 * Owns the errors that a pool hands out: one class and one stable `code` per thing that can go wrong.
 * It must never know why the pool decided so, nor see a secret: causes arrive masked.
 */
import { CryoError, type CryoErrorOptions, StacklessError } from '@cryo/resilience';
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
  readonly cause: unknown;
}

/** Nobody answers at the server's address, and no connection is left that could serve. */
export class ServerUnavailableError extends PoolError {
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
  declare readonly phase: DriverPhase | 'close';
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

/**
 * What an error says, in one line, also where the platform left `message` empty: Node's failed connect to a name with
 * several addresses is an AggregateError without one.
 */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return describeThrown(error);
  if (error.message !== '') return error.message;
  const inner = error instanceof AggregateError ? error.errors.filter((one) => !(one instanceof AggregateError)) : [];
  if (inner.length > 0) return inner.map(describeCause).join('; ');
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function describeThrown(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'an unprintable value';
  }
}

/** The counts that an operator asks for first. */
export function describeSnapshot(snapshot: PoolSnapshot): string {
  if (snapshot !== described.snapshot) described = { snapshot, line: lineOf(snapshot) };
  return described.line;
}

/** Requests refused in bulk share one snapshot, and so these. */
let described: { readonly snapshot: PoolSnapshot | undefined; readonly line: string } = {
  snapshot: undefined,
  line: '',
};
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

function lineOf({ connections, live, size, waiting, oldestLeaseMs, breaker, state, abandoned }: PoolSnapshot): string {
  const parts = [
    `${live} of ${size.max} connections live: ${connections.leased} leased, ${connections.idle} idle, ${connections.dialing} dialing`,
  ];
  const busy = connections.checking + connections.resetting + connections.closing;
  if (busy > 0) parts.push(`${busy} being checked, reset or closed`);
  parts.push(`${waiting} waiting`);
  if (connections.leased > 0) parts.push(`longest lease ${Math.round(oldestLeaseMs)} ms`);
  if (breaker.state !== 'closed' && breaker.state !== 'off') parts.push(`dial breaker ${breaker.state}`);
  if (abandoned > 0) parts.push(`${abandoned} driver calls given up on`);
  if (state !== 'open') parts.push(state);
  return parts.join(', ');
}

function unavailableMessage(snapshot: PoolSnapshot, what: string, { cause, retryAfterMs }: UnavailableDetails): string {
  const next = retryAfterMs === undefined ? '' : `; next attempt in ${Math.round(retryAfterMs)} ms`;
  const why = cause === undefined ? '' : `: ${describeCause(cause)}`;
  return `Pool '${snapshot.pool}': ${what}${why}${next}`;
}

function optionsOf(cause: unknown): { readonly cause: unknown } | undefined {
  return cause === undefined ? undefined : { cause };
}
