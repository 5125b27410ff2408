/**
 * Owns the whole contract between the pool and whatever is pooled: what an adapter author writes.
 * It must never know how the pool decides, only what it asks and how it reads an answer.
 */
import type { CallContext } from '@cryo/resilience';
import { contain, quietly } from './quietly.ts';

/**
 * What an error means for the connection and for the pool.
 *
 * - `connection-lost`: this connection is dead, also when the server ended it; it is evicted and older idle ones become
 *   suspect.
 * - `server-unavailable`: nobody answers; evicts, counts against the dial breaker, and is retried.
 * - `overloaded`: the server has no place for one more connection; growth backs off, the breaker is left alone.
 * - `misconfigured`: no retry can help (bad password, no such database); the breaker opens at once.
 * - `conflict`: the transaction lost a race (serialization failure, deadlock) and may be tried again.
 * - `statement`: the caller's own; the connection stays.
 */
export type ErrorClass =
  | 'connection-lost'
  | 'server-unavailable'
  | 'overloaded'
  | 'misconfigured'
  | 'conflict'
  | 'statement';

/** What the pool was doing with the driver when an error arose. */
export type DriverPhase = 'open' | 'check' | 'reset' | 'use';

/** Where the server is, as telemetry names it. */
export interface ServerAddress {
  /** A host name, an IP address, or the path of a file or socket. */
  readonly address: string;
  /** The port, where there is one. */
  readonly port?: number;
  /** The database within the server. */
  readonly namespace?: string;
}

/**
 * The whole contract of an adapter. A driver may throw synchronously, hang, reject with anything, resolve after its
 * signal aborted, or report a connection broken twice: the pool answers for all of it.
 */
export interface Driver<Connection> {
  /** What telemetry calls the system, for example `postgresql`. */
  readonly name: string;
  /** Where the server is, for telemetry. Default: not said. */
  readonly server?: ServerAddress;
  /** Dials one connection. It should give up when `context.signal` aborts. */
  open(context: CallContext): Promise<Connection>;
  /** Rejects when the connection can't be used. */
  check(connection: Connection, context: CallContext): Promise<void>;
  /** Leaves nothing of the last lease behind. A plain return means that it was clean already. */
  reset?(connection: Connection, context: CallContext): void | Promise<void>;
  /** Polite end: tells the server. */
  close(connection: Connection, context: CallContext): Promise<void>;
  /** Immediate end: frees the socket and whatever else is held, now. */
  destroy(connection: Connection): void;
  /** Reports a connection that broke by itself. Installed right after `open`; the answer removes it, after `close` or `destroy`. */
  watch?(connection: Connection, broken: (error: unknown) => void): () => void;
  /** The adapter's error table. `undefined` leaves the default of the phase: see {@link classifyError}. */
  classify?(error: unknown, phase: DriverPhase): ErrorClass | undefined;
  /** The connection keeps the process alive again. */
  ref?(connection: Connection): void;
  /** The connection, lying idle, no longer keeps the process alive. */
  unref?(connection: Connection): void;
  /** The values, as they are now, to mask wherever an error is shown. */
  secrets?(): readonly string[];
}

const UNDECIDED: Readonly<Record<DriverPhase, ErrorClass>> = {
  open: 'server-unavailable',
  check: 'connection-lost',
  reset: 'connection-lost',
  use: 'statement',
};

const ERROR_CLASSES: ReadonlySet<ErrorClass> = new Set([
  'connection-lost',
  'server-unavailable',
  'overloaded',
  'misconfigured',
  'conflict',
  'statement',
]);

/** Under this an error of ours says by itself what it means, whatever the adapter thinks of it. */
export const OWN_CLASS: unique symbol = Symbol('cryo.error-class');

function ownClass(error: unknown): ErrorClass | undefined {
  if (typeof error !== 'object' || error === null || !(OWN_CLASS in error)) return undefined;
  return error[OWN_CLASS] as ErrorClass;
}

/**
 * The class of an error: the adapter's word, else the default of the phase. An adapter whose `classify` throws, or answers
 * with something else, has not decided.
 */
export function classifyError<Connection>(driver: Driver<Connection>, error: unknown, phase: DriverPhase): ErrorClass {
  try {
    const decided = ownClass(error) ?? driver.classify?.(error, phase);
    return decided !== undefined && ERROR_CLASSES.has(decided) ? decided : UNDECIDED[phase];
  } catch {
    return UNDECIDED[phase];
  }
}

/** A connection in use keeps the process alive, where the driver can say so. */
export function keepProcess<Connection>(driver: Driver<Connection>, connection: Connection): void {
  if (driver.ref === undefined) return;
  try {
    contain(driver.ref(connection));
  } catch {
    // Only the moment at which the process may end depends on it.
  }
}

/** An idle connection lets the process end, where the driver can say so. */
export function letProcessEnd<Connection>(driver: Driver<Connection>, connection: Connection): void {
  if (driver.unref === undefined) return;
  try {
    contain(driver.unref(connection));
  } catch {
    // Only the moment at which the process may end depends on it.
  }
}

/** Immediate end of the driver's connection. There is no stronger one, so nobody can act on its failure. */
export function destroyQuietly<Connection>(driver: Driver<Connection>, connection: Connection): void {
  quietly(() => driver.destroy(connection));
}
