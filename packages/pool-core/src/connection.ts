/**
 * Owns one pooled connection: the driver's object and what the pool remembers about it.
 * It must never know who waits, who decides, or what comes next for it.
 */
import type { AbortSignal } from '@cryo/resilience';

/** How long an answer to a check, or a dial, stands by itself, in ms. */
const VOUCHED_MS = 1;

/** Given back in the place of an error: nothing went wrong, but the connection is to end. */
export const EVICTION: unique symbol = Symbol('eviction');

/** Who takes a lent connection back. */
export interface LeaseDesk<Connection> {
  readonly pool: string;
  release(connection: PooledConnection<Connection>, error: unknown): void;
  /** A lease that is over was released; nothing changed. */
  releasedAgain(
    connection: PooledConnection<Connection>,
    lease: { readonly stamp: number; readonly label: string | undefined },
  ): void;
}

/** What is remembered of some leases only: made when there is something to remember, gone when the lease ends. */
export interface LeaseDetails {
  label: string | undefined;
  /** Where it was acquired, when stacks are captured. */
  acquireStack: string | undefined;
  leakReported: boolean;
  /** Told when the lease is taken away from its holder. */
  revoke: ((reason: unknown) => void) | undefined;
}

/** What a piece of work is told that has the connection for as long as it takes. */
export interface WorkContext {
  readonly signal: AbortSignal;
  readonly deadline: number;
}

/** Runs pieces of work on the connection. */
export interface Borrower<Connection> {
  run<Result>(work: (connection: Connection, context: WorkContext) => Result | PromiseLike<Result>): Promise<Result>;
}

/** A lease that was taken away. */
export interface Revocation {
  readonly stamp: number;
  readonly cause: unknown;
  /** Its holder released it since. */
  released: boolean;
}

/** Where a live connection stands. `gone` has no way out. */
export type ConnectionState = 'idle' | 'checking' | 'leased' | 'resetting' | 'closing' | 'gone';

/**
 * The pool's record of one connection. Times in ms on the pool's clock.
 *
 * A time that changes begins as −0, which no engine can keep as a small integer: so the field is laid out for a fraction from
 * the start, and is written in place. Begun as 0 (or declared without a value) it would hold a box, and each write would make a
 * new one: together about 30 ns a lease.
 */
export class PooledConnection<Connection> {
  readonly id: number;
  readonly resource: Connection;
  readonly bornAtMs: number;
  /** Maximum lifetime with its jitter, drawn once at birth. */
  readonly expiresAtMs: number;
  /** The pool's generation at birth; an older one ends when it comes home. */
  readonly generation: number;
  /** Written by the roster alone. */
  state: ConnectionState = 'checking';
  /** Until when it may be lent without a check; 0 makes it suspect. */
  freshUntilMs = -0;
  /** When it was last known to work. */
  provenAtMs = -0;
  /**
   * Since when nobody has had it: its birth, or the end of its last lease. Whoever has to know when a lease ended reads it here: a
   * fraction that is passed to a function that the engine did not inline costs a box.
   */
  idleSinceMs = -0;
  /** Since when its holder has had it, as long as there is one; `Infinity` while the end of a lease is judged. */
  leasedAtMs = -0;
  /** Leases granted so far. */
  uses = 0;
  /** Changes when a lease ends: a lease made under another stamp is over. */
  stamp = 0;
  /** A check or reset of it takes long; written by the roster alone. */
  slow = false;
  /** Of its last lease, where that was taken away. */
  revocation: Revocation | undefined;
  /** Whoever lends it, from when it enters the pool. Here, so that a lease needs to remember nothing but this record. */
  desk!: LeaseDesk<Connection>;
  /** Of the lease in force. */
  details: LeaseDetails | undefined;
  /** What runs work on it that gives it back by itself, from when it enters the pool. */
  loan!: Borrower<Connection>;
  /** Cuts the call into the driver that is out for it, if one is. */
  cutCall: ((reason: unknown) => void) | undefined;
  /** What the driver's watch reported while the connection could not be ended at once. */
  brokenBy: { readonly error: unknown } | undefined;
  unwatch: (() => void) | undefined;
  /** Neighbours in the idle store. */
  above: PooledConnection<Connection> | undefined;
  below: PooledConnection<Connection> | undefined;

  constructor(birth: { id: number; resource: Connection; bornAtMs: number; expiresAtMs: number; generation: number }) {
    this.id = birth.id;
    this.resource = birth.resource;
    this.bornAtMs = birth.bornAtMs;
    this.expiresAtMs = birth.expiresAtMs;
    this.generation = birth.generation;
    this.provenAtMs = birth.bornAtMs;
  }

  /** To write down something about the lease in force. */
  detail(): LeaseDetails {
    this.details ??= { label: undefined, acquireStack: undefined, leakReported: false, revoke: undefined };
    return this.details;
  }

  /** It just worked: it may be lent without a check for `bypassMs`, but never past its lifetime. */
  prove(now: number, bypassMs: number): void {
    this.provenAtMs = now;
    this.freshUntilMs = Math.min(now + bypassMs, this.expiresAtMs);
  }

  /** It was just asked and answered: whoever is head gets it on that answer, however short the bypass window is. */
  vouch(now: number, bypassMs: number): void {
    this.prove(now, Math.max(bypassMs, VOUCHED_MS));
  }
}
