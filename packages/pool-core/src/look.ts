/**
 * Owns the taking of a snapshot: one frozen plain value from the live stores.
 * It must never change what it looks at.
 */

import { describeCause } from './description.ts';
import type { DialSchedule } from './dial-schedule.ts';
import type { DialBreakerSnapshot, PoolSnapshot } from './snapshot.ts';
import type { Stores } from './stores.ts';

export function takeSnapshot<Connection, Grant>(
  stores: Stores<Connection, Grant>,
  schedule: DialSchedule,
): PoolSnapshot {
  const { settings, roster, queue, clock, metrics } = stores;
  const now = clock.now();
  const { dialing, idle, checking, leased, resetting, closing } = roster.counts;
  return Object.freeze({
    pool: settings.name,
    state: stores.lifecycle,
    atMs: now,
    size: Object.freeze({ ...stores.bounds }),
    live: roster.live,
    connections: Object.freeze({ dialing, idle, checking, leased, resetting, closing }),
    abandoned: roster.abandoned,
    waiting: queue.size,
    oldestWaitMs: queue.size === 0 ? 0 : Math.max(0, now - queue.oldestSinceMs),
    sheddingSinceMs: queue.sheddingSinceMs,
    oldestLeaseMs: oldestLeaseMs(stores, now),
    suspects: suspects(stores),
    peakLeased: roster.peakLeased,
    leasedTimeMs: roster.leasedTimeMs(now, metrics.leaseTimes.heldMs),
    generation: stores.generation,
    breaker: breakerSnapshot(schedule),
    overloadedUntilMs: schedule.serverFull(now) ? schedule.overloadedUntilMs : undefined,
  });
}

function oldestLeaseMs<Connection, Grant>({ roster }: Stores<Connection, Grant>, now: number): number {
  let oldestMs = 0;
  if (roster.counts.leased === 0) return oldestMs;
  for (const connection of roster.connections) {
    if (connection.state === 'leased') oldestMs = Math.max(oldestMs, now - connection.leasedAtMs);
  }
  return oldestMs;
}

function suspects<Connection, Grant>({ idle }: Stores<Connection, Grant>): number {
  let count = 0;
  for (let connection = idle.top; connection !== undefined; connection = connection.below) {
    if (connection.freshUntilMs === 0) count++;
  }
  return count;
}

function breakerSnapshot(schedule: DialSchedule): DialBreakerSnapshot {
  const state = schedule.breaker?.state.name ?? 'off';
  const failure = schedule.down ? schedule.lastFailure : undefined;
  return Object.freeze({
    state,
    notClosedSinceMs: schedule.notClosedSinceMs,
    retryAfterMs: schedule.down ? schedule.breaker?.retryAfterMs() : undefined,
    cause: failure === undefined ? undefined : describeCause(failure.error),
  });
}
