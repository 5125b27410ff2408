/**
 * Owns what the callers of a pool asked for and what they got, as they themselves saw it.
 * It must never know what the pool says about itself.
 */
import { type Clock, isCryoError } from '@cryo/resilience';
import type { Priority } from '../request.ts';
import type { SimulatedConnection } from './ground-truth.ts';
import type { SimulatedDriver } from './simulated-driver.ts';

/** One request, from the caller's side. Times in ms on the pool's clock. */
export interface RequestRecord {
  /** From 1, in order of arrival. */
  readonly id: number;
  /** 1 for high, 0 for normal, −1 for low. */
  readonly priority: number;
  /** When it was made. */
  readonly startedAtMs: number;
  /** How long it may wait, in ms; `Infinity` for ever. */
  readonly timeoutMs: number;
  /** When it must be settled at the latest; a thaw may move it. */
  readonly deadlineMs: number;
  /** How it stands. */
  readonly state: 'waiting' | 'granted' | 'refused';
  /** When it was answered; `undefined` while it waits. */
  readonly settledAtMs: number | undefined;
  /** When its own signal aborted. */
  readonly abortedAtMs: number | undefined;
  /** What it was refused with. */
  readonly error: unknown;
}

/** A lease that a caller holds. */
export interface LeaseRecord {
  /** What was asked for. */
  readonly request: RequestRecord;
  /** What was lent. */
  readonly connection: SimulatedConnection;
  /** When. */
  readonly grantedAtMs: number;
}

/** Something that a caller saw and never may. */
export interface LedgerFault {
  /** Which rule was broken. */
  readonly kind:
    | 'lent-twice'
    | 'lent-ended'
    | 'lent-suspended'
    | 'reached-after-release'
    | 'second-release'
    | 'dirty'
    | 'settled-twice'
    | 'escaped';
  /** What was seen, in words. */
  readonly message: string;
}

/** The number of each priority class in the ledger. */
export const RANKS: Readonly<Record<Priority, number>> = { high: 1, normal: 0, low: -1 };

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

const THAW_GRACE_MS = 1_000;

/** The callers' own book. Every method notes one thing that a caller did or saw. */
export class Ledger {
  readonly #clock: Clock;
  readonly #simulated: SimulatedDriver;
  readonly #resets: boolean;
  readonly #graced = new WeakSet<RequestRecord>();
  #suspendedAtMs = Number.POSITIVE_INFINITY;
  #lastId = 0;
  /** Requests without an answer, oldest first. */
  readonly waiting = new Map<number, RequestRecord>();
  /** Leases in callers' hands, by connection. */
  readonly held = new Map<SimulatedConnection, LeaseRecord>();
  /** What callers saw and never may, oldest first. */
  readonly faults: LedgerFault[] = [];
  /** Requests that were answered since the last judgement, in order of answer. */
  readonly settled: RequestRecord[] = [];
  /** Requests that were granted. */
  grantedCount = 0;
  /** How long those waited, all together. */
  waitedMs = 0;
  /** How long the leases were held that were given back, all together; those apart that came late. */
  heldMs = 0;
  /** Requests that were refused. */
  refusedCount = 0;
  /** How often a lease was released that had been released before. */
  secondReleases = 0;
  /** How often a lease was released whose connection the pool had ended under it. */
  lateReleases = 0;

  constructor(clock: Clock, simulated: SimulatedDriver) {
    this.#clock = clock;
    this.#simulated = simulated;
    this.#resets = simulated.driver.reset !== undefined;
  }

  /** A caller asks, now. */
  asked(request: { readonly timeoutMs: number; readonly priority?: number }): RequestRecord {
    const now = this.#clock.now();
    const record: RequestRecord = {
      id: ++this.#lastId,
      priority: request.priority ?? 0,
      startedAtMs: now,
      timeoutMs: request.timeoutMs,
      deadlineMs: now + request.timeoutMs,
      state: 'waiting',
      settledAtMs: undefined,
      abortedAtMs: undefined,
      error: undefined,
    };
    this.waiting.set(record.id, record);
    return record;
  }

  /** A caller aborts its own signal, now. */
  aborted(request: RequestRecord): void {
    (request as Mutable<RequestRecord>).abortedAtMs ??= this.#clock.now();
  }

  /** A caller got a lease. */
  granted(request: RequestRecord, connection: SimulatedConnection): LeaseRecord {
    const grantedAtMs = this.#clock.now();
    if (this.#settle(request, 'granted', undefined)) {
      this.grantedCount++;
      this.waitedMs += grantedAtMs - request.startedAtMs;
    }
    const name = `connection ${connection.id} was lent to request ${request.id}`;
    const other = this.held.get(connection);
    if (other !== undefined) this.#fault('lent-twice', `${name} while request ${other.request.id} holds it`);
    if (connection.state !== 'open') this.#fault('lent-ended', `${name}, and it is ${connection.state}`);
    if (grantedAtMs > this.#suspendedAtMs) this.#fault('lent-suspended', `${name} by a pool that is suspended`);
    if (this.#resets && connection.session !== undefined) this.#fault('dirty', `${name} with ${connection.session}`);
    const lease: LeaseRecord = { request, connection, grantedAtMs };
    this.held.set(connection, lease);
    this.#simulated.setLent(connection, 'lent');
    return lease;
  }

  /** A caller was refused. A synchronous request without an answer in the queue is noted by {@link Ledger.withdrawn}. */
  refused(request: RequestRecord, error: unknown): void {
    if (this.#settle(request, 'refused', error)) this.refusedCount++;
    if (!isCryoError(error))
      this.escaped('a request was refused with something other than an error of the pool', error);
  }

  /** A request that never stood in the queue got nothing: `tryAcquire` answered undefined. */
  withdrawn(request: RequestRecord): void {
    this.waiting.delete(request.id);
  }

  /** A caller is about to release its lease for the first time. Call it before `release`. */
  released(lease: LeaseRecord): void {
    if (lease.connection.state === 'ended') this.lateReleases++;
    else this.heldMs += this.#clock.now() - lease.grantedAtMs;
    if (this.held.get(lease.connection) === lease) this.held.delete(lease.connection);
    this.#simulated.setLent(lease.connection, 'home');
  }

  /** A caller released a lease again; `changed` says what that changed, if anything. */
  releasedAgain(changed: string | undefined): void {
    this.secondReleases++;
    if (changed !== undefined) this.#fault('second-release', `a second release changed the pool: ${changed}`);
  }

  /** A caller got at the connection through a lease that it had released. */
  reachedAfterRelease(lease: LeaseRecord): void {
    const name = `connection ${lease.connection.id}`;
    this.#fault(
      'reached-after-release',
      `${name} can be reached through the released lease of request ${lease.request.id}`,
    );
  }

  /** Something came out of the pool that nobody asked for: a throw, an unhandled rejection. */
  escaped(where: string, error: unknown): void {
    this.#fault('escaped', `${where}: ${describe(error)}`);
  }

  /** The pool was suspended: what is granted later than now, it must not grant. */
  suspended(): void {
    this.#suspendedAtMs = this.#clock.now();
  }

  /** The pool goes on. */
  resumed(): void {
    this.#suspendedAtMs = Number.POSITIVE_INFINITY;
  }

  /** The machine woke from a freeze: every waiting request gets its one grace. */
  thawed(): void {
    const now = this.#clock.now();
    for (const request of this.waiting.values()) {
      if (this.#graced.has(request)) continue;
      this.#graced.add(request);
      const graceEndsAtMs = now + Math.min(request.timeoutMs, THAW_GRACE_MS);
      (request as Mutable<RequestRecord>).deadlineMs = Math.max(request.deadlineMs, graceEndsAtMs);
    }
  }

  #settle(request: RequestRecord, state: 'granted' | 'refused', error: unknown): boolean {
    if (request.state !== 'waiting') {
      this.#fault('settled-twice', `request ${request.id} was ${request.state} and is now ${state}`);
      return false;
    }
    const written: Mutable<RequestRecord> = request;
    written.state = state;
    written.settledAtMs = this.#clock.now();
    written.error = error;
    this.waiting.delete(request.id);
    this.settled.push(request);
    return true;
  }

  #fault(kind: LedgerFault['kind'], message: string): void {
    this.faults.push({ kind, message });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
