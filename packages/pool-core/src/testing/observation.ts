/**
 * Owns what a check is shown: one moment of a pool, seen from outside only.
 * It must never know how a check judges it.
 */
import type { Settings } from '../options.ts';
import type { PoolSnapshot } from '../snapshot.ts';
import type { CallRecord, GroundTruth } from './ground-truth.ts';
import type { Ledger, RequestRecord } from './ledger.ts';
import type { SheddingBook } from './shedding-book.ts';

/**
 * What happened to the dials since the last moment, in order. `asked-anew`: `resize()` or `recycle()` gave a reason to
 * dial at once.
 */
export type DialNote =
  | {
      readonly kind: 'started';
      /** The call. */
      readonly dial: CallRecord;
      /** The pool as it was then; `undefined` while it was being made. */
      readonly snapshot: PoolSnapshot | undefined;
    }
  | {
      readonly kind: 'ended';
      /** The call, which says how. */
      readonly dial: CallRecord;
    }
  | {
      /** The dial breaker left `closed`, or came back to it. */
      readonly kind: 'breaker-opened' | 'breaker-closed';
    }
  | {
      readonly kind: 'asked-anew';
      /** When. */
      readonly atMs: number;
    };

/** What the pool's events said since the start. */
export interface ToldCounts {
  /** Leases that were granted. */
  leasesGranted: number;
  /** Leases that were released again. */
  doubleReleases: number;
}

/** A close under way or done. Times in ms. */
export interface ClosingNote {
  /** When it must have answered at the latest. */
  readonly dueAtMs: number;
  /** When it did. */
  readonly answeredAtMs: number | undefined;
}

/** One moment. Times in ms on the pool's clock. */
export interface Observation {
  /** The moment. */
  readonly nowMs: number;
  /** What the pool says of itself. */
  readonly snapshot: PoolSnapshot;
  /** The snapshot of the moment before; `undefined` at the first. */
  readonly previous: PoolSnapshot | undefined;
  /** The highest `max` in force since the moment before. */
  readonly highestMax: number;
  /** What really happened on the far side of the driver. */
  readonly truth: GroundTruth;
  /** What callers did and saw. */
  readonly ledger: Ledger;
  /** What happened to dials since the moment before. */
  readonly dials: readonly DialNote[];
  /** `undefined` when the events are not listened to. */
  readonly told: Readonly<ToldCounts> | undefined;
  /** Timers of the pool that are set; `undefined` when nobody counts them. */
  readonly timersPending: number | undefined;
  /** The close under way or done; `undefined` before `close()`. */
  readonly closing: ClosingNote | undefined;
  /** What the pool said of its shedding. */
  readonly shedding: SheddingBook;
  /** When something that was due then could be judged: then, or once a stall of the event loop was over. */
  readonly judgedAtMs: (dueAtMs: number) => number;
}

/** In what order requests of one class may be served. */
export interface Discipline {
  /** The order in words. */
  readonly name: string;
  /** Whether `younger` may be granted while `older`, of the same class, still waits. */
  mayOvertake(younger: RequestRecord, older: RequestRecord): boolean;
  /** Whether `older` may be granted while `younger`, of the same class, still waits. Default: always. */
  mayPrecede?(older: RequestRecord, younger: RequestRecord): boolean;
}

/** First come, first served. */
export const fifo: Discipline = { name: 'first come, first served', mayOvertake: () => false };

/** What the checks of one pool are made with. */
export interface CheckOptions {
  /** Those of the pool. */
  readonly settings: Settings;
  /** In what order it may serve. */
  readonly discipline: Discipline;
  /** Whether the driver's `classify` says of a simulated error what the error says of itself. */
  readonly classes: 'trusted' | 'doubtful';
}

/** Looks at one moment after the other; answers what is wrong, or `undefined`. */
export type Check = (observation: Observation) => string | undefined;

/** One promise of the pool. */
export interface Invariant {
  /** `I1` to `I12`. */
  readonly name: string;
  /** The promise in words. */
  readonly sentence: string;
  /** A check for one pool, which sees every moment of it in turn. */
  begin(options: CheckOptions): Check;
}

/** Timers fire in whole milliseconds, so this much later is not late, in ms. */
export const TIMER_SLACK_MS = 1;

/** Answers what was added to a list since the last call. */
export function newcomers<Element>(): (list: readonly Element[]) => readonly Element[] {
  let seen = 0;
  return (list) => {
    if (seen === list.length) return [];
    const fresh = list.slice(seen);
    seen = list.length;
    return fresh;
  };
}
