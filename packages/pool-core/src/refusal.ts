/**
 * Owns the error that a request gets when the pool says no: which one, and with what cause.
 * It must never know when to say no.
 */
import type { DialSchedule } from './dial-schedule.ts';
import {
  AcquireAbortedError,
  AcquireShedError,
  AcquireTimeoutError,
  MisconfiguredError,
  PoolClosedError,
  type PoolError,
  QueueFullError,
  ServerUnavailableError,
} from './errors.ts';
import type { RefusalReason } from './events.ts';
import type { Redactor } from './redaction.ts';
import type { PoolSnapshot } from './snapshot.ts';

/** What a refusal says beside its reason. */
export interface RefusalDetails {
  readonly waitedMs: number;
  /** What the caller's signal gave. */
  readonly abortReason?: unknown;
  /** When asking again may help, in ms; of a request that is shed. */
  readonly retryAfterMs?: number;
  /** When it was decided: refusals decided together share one snapshot, so that thousands at once stay cheap. */
  readonly decidedAtMs?: number;
}

/** Builds refusals. */
export class Refusals {
  readonly #schedule: DialSchedule;
  readonly #redactor: Redactor;
  readonly #snapshot: () => PoolSnapshot;
  #shared: { readonly atMs: number; readonly snapshot: PoolSnapshot } | undefined;

  constructor(schedule: DialSchedule, redactor: Redactor, snapshot: () => PoolSnapshot) {
    this.#redactor = redactor;
    this.#schedule = schedule;
    this.#snapshot = snapshot;
  }

  /** Why a request is refused while the server is down. */
  get downReason(): 'unavailable' | 'misconfigured' {
    return this.#schedule.lastFailure?.errorClass === 'misconfigured' ? 'misconfigured' : 'unavailable';
  }

  create(reason: RefusalReason, { waitedMs, abortReason, decidedAtMs, retryAfterMs = 0 }: RefusalDetails): PoolError {
    const snapshot = decidedAtMs === undefined ? this.#snapshot() : this.#snapshotAt(decidedAtMs);
    const cause = this.#schedule.lastFailure?.error;
    switch (reason) {
      case 'timeout':
        return new AcquireTimeoutError(snapshot, { waitedMs, cause });
      case 'aborted':
        return new AcquireAbortedError(snapshot, { waitedMs, cause: this.#redactor.mask(abortReason) });
      case 'queue-full':
        return new QueueFullError(snapshot);
      case 'shed':
        return new AcquireShedError(snapshot, { waitedMs, retryAfterMs, cause });
      case 'unavailable':
        return new ServerUnavailableError(snapshot, { retryAfterMs: this.#schedule.breaker?.retryAfterMs(), cause });
      case 'misconfigured':
        return new MisconfiguredError(snapshot, { retryAfterMs: this.#schedule.breaker?.retryAfterMs(), cause });
      case 'closed':
        return new PoolClosedError(snapshot);
    }
  }

  #snapshotAt(atMs: number): PoolSnapshot {
    if (this.#shared === undefined || this.#shared.atMs !== atMs) this.#shared = { atMs, snapshot: this.#snapshot() };
    return this.#shared.snapshot;
  }
}
