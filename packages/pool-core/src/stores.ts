/**
 * Owns the one bundle of things that every machine of a pool reads and changes: containers, bounds, counters, time.
 * It must never decide anything.
 */
import type { Clock, Emitter, Random, Timers } from '@cryo/resilience';
import type { Capacity } from './capacity.ts';
import type { MovingMean } from './demand.ts';
import type { Driver } from './driver.ts';
import type { CallHost } from './driver-call.ts';
import type { PoolEvents } from './events.ts';
import type { Guests } from './guest.ts';
import type { IdleStore } from './idle-store.ts';
import type { Settings } from './options.ts';
import type { PoolMetrics } from './pool-metrics.ts';
import type { Redactor } from './redaction.ts';
import type { Roster } from './roster.ts';
import type { SizeBounds } from './snapshot.ts';
import type { WaitQueue } from './wait-queue.ts';

/** `open → suspended ⇄ open`, then `closing → closed`; never back. */
export type Lifecycle = 'open' | 'suspended' | 'closing' | 'closed';

/** What the machines of one pool share. `Grant` is what a request is settled with. */
export interface Stores<Connection, Grant> {
  readonly settings: Settings;
  readonly driver: Driver<Connection>;
  readonly clock: Clock;
  /** Guarded: a timer that fires late lets ready input in first. */
  readonly timers: Timers;
  readonly random: Random;
  readonly capacity: Capacity;
  readonly redactor: Redactor;
  readonly events: Emitter<PoolEvents>;
  readonly guests: Guests;
  readonly metrics: PoolMetrics;
  readonly roster: Roster<Connection>;
  readonly idle: IdleStore<Connection>;
  readonly queue: WaitQueue<Grant>;
  readonly calls: CallHost;
  /** What dials lasted lately, in ms. */
  readonly dialMs: MovingMean;
  /** Callers of `ready()` who wait: they keep the process alive as waiting requests do. */
  readyWaiters: number;
  bounds: SizeBounds & { readonly absoluteMax: number };
  generation: number;
  lifecycle: Lifecycle;
}
