/**
 * Owns the arithmetic of age: when a connection's life ends, and why it should not be lent again.
 * It must never end one itself.
 */
import type { Random } from '@cryo/resilience';
import type { PooledConnection } from './connection.ts';
import type { CloseReason } from './events.ts';
import type { Settings } from './options.ts';
import type { Stores } from './stores.ts';

/** A replacement is dialed this long before a lifetime ends, in ms, or a twentieth of the lifetime where that is less. */
const REPLACEMENT_LEAD_MS = 2_000;

/** When a connection born now ends. Jitter only subtracts, [1 − jitter, 1] × max, so that a server's own limit is safe. */
export function drawExpiryMs(now: number, retirement: Settings['retirement'], random: Random): number {
  if (retirement.maxLifetimeMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return now + retirement.maxLifetimeMs * (1 - retirement.jitter * random());
}

/** The shortest lifetime worth looking out for, in ms: what jitter can leave, but no less than a hundredth. */
export function earliestEndMs({ maxLifetimeMs, jitter }: Settings['retirement']): number {
  return maxLifetimeMs * Math.max(1 - jitter, 0.01);
}

/** Why the connection must not be lent again; `undefined` when it may. */
export function reasonToEnd<Connection, Grant>(
  stores: Stores<Connection, Grant>,
  connection: PooledConnection<Connection>,
  now: number,
): CloseReason | undefined {
  const { lifecycle, generation, settings, roster, bounds } = stores;
  if (lifecycle === 'closing' || lifecycle === 'closed') return 'pool-closed';
  if (connection.generation !== generation) return 'recycled';
  if (now >= connection.expiresAtMs) return 'lifetime';
  if (connection.uses >= settings.retirement.maxUses) return 'max-uses';
  if (roster.staying > bounds.max) return 'shrunk';
  // Whoever waited for this one is served first; else two pools could hand one ticket to and fro for ever. A suspended pool serves nobody.
  const isOwed = connection.uses === 0 && stores.queue.size > 0 && lifecycle === 'open';
  return !isOwed && isRecalled(stores) ? 'shrunk' : undefined;
}

/** True only where {@link reasonToEnd} finds none. In few words, for every release asks it first; `false` means: ask there. */
export function surelyStays<Connection, Grant>(
  stores: Stores<Connection, Grant>,
  connection: PooledConnection<Connection>,
  now: number,
): boolean {
  return (
    stores.lifecycle === 'open' &&
    connection.generation === stores.generation &&
    now < connection.expiresAtMs &&
    connection.uses < stores.settings.retirement.maxUses &&
    stores.roster.live <= stores.bounds.max &&
    (stores.capacity.recalled ?? 0) === 0
  );
}

/** Whether the shared capacity asks for a ticket that is not on its way back already. */
export function isRecalled<Connection, Grant>({ capacity, roster }: Stores<Connection, Grant>): boolean {
  return (capacity.recalled ?? 0) > roster.counts.closing;
}

/** Whether an idle connection's life ends soon enough that its replacement should be on its way. */
export function expiresSoon<Connection>(
  connection: PooledConnection<Connection>,
  now: number,
  maxLifetimeMs: number,
): boolean {
  return connection.expiresAtMs - now <= Math.min(REPLACEMENT_LEAD_MS, maxLifetimeMs / 20);
}
