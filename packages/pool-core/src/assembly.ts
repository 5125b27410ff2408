/**
 * Owns the making of a pool's stores from its options.
 * It must never start anything.
 */
import { type Clock, Emitter, guardTimers, Registry, systemClock, systemRandom, systemTimers } from '@cryo/resilience';
import { unlimitedCapacity } from './capacity.ts';
import { MovingMean } from './demand.ts';
import type { CallHost } from './driver-call.ts';
import { POOL_EVENTS, type PoolEvents } from './events.ts';
import { Guests } from './guest.ts';
import { IdleStore } from './idle-store.ts';
import { followLabels } from './label-metrics.ts';
import type { PoolOptions, Settings } from './options.ts';
import { PoolMetrics } from './pool-metrics.ts';
import { createRedactor } from './redaction.ts';
import { Roster } from './roster.ts';
import { parseSettings } from './settings.ts';
import { SheddingQueue } from './shedding-queue.ts';
import type { PoolSnapshot } from './snapshot.ts';
import type { Stores } from './stores.ts';
import { WaitQueue } from './wait-queue.ts';

/**
 * @param snapshot read whenever somebody reads the metrics
 * @param changed called when a store changed by itself
 * @throws InvalidOptionsError listing every fault
 */
export function createStores<Connection, Grant>(
  options: PoolOptions<Connection>,
  snapshot: () => PoolSnapshot,
  changed: () => void,
): Stores<Connection, Grant> {
  const settings = parseSettings(options);
  const { driver, clock = systemClock, random = systemRandom, capacity = unlimitedCapacity } = options;
  const redactor = createRedactor(() => driver.secrets?.() ?? []);
  const events: Emitter<PoolEvents> = new Emitter<PoolEvents>({
    owner: `Pool '${settings.name}'`,
    names: POOL_EVENTS,
    listenerFailed: (fault) => {
      if (fault.event === 'listener-failed') return;
      events.emit('listener-failed', { event: fault.event, error: redactor.mask(fault.error) });
    },
  });
  const metrics = createMetrics(settings, events, clock, snapshot);
  const queue = createQueue<Grant>(settings, clock);
  const stalled = (lateMs: number) => {
    metrics.stalls.add();
    if (queue instanceof SheddingQueue) queue.blocked(lateMs, clock.now());
    events.emit('stalled', { lateMs });
  };
  const timers = guardTimers({ clock, timers: options.timers ?? systemTimers, stalled });
  const { min, max, absoluteMax } = settings.size;
  const roster = new Roster<Connection>();
  const bounds = { min, max, absoluteMax };
  const stores: Stores<Connection, Grant> = {
    settings,
    driver,
    clock,
    timers,
    random,
    capacity,
    redactor,
    events,
    guests: new Guests(events, redactor),
    metrics,
    roster,
    idle: new IdleStore<Connection>(),
    queue,
    calls: createCallHost(() => stores, changed),
    dialMs: new MovingMean(),
    readyWaiters: 0,
    bounds,
    generation: 0,
    lifecycle: 'open',
  };
  return stores;
}

function createQueue<Grant>({ acquire, shedding }: Settings, clock: Clock): WaitQueue<Grant> {
  const { queueLimit, timeoutMs } = acquire;
  if (shedding === false) return new WaitQueue<Grant>(queueLimit, timeoutMs);
  return new SheddingQueue<Grant>(queueLimit, timeoutMs, shedding, clock);
}

function createMetrics(
  { name: pool, metrics: { maxLabels } }: Settings,
  events: Emitter<PoolEvents>,
  clock: Clock,
  gauges: () => PoolSnapshot,
): PoolMetrics {
  const registry = new Registry({ clock });
  const metrics = new PoolMetrics({ pool, registry, clock, gauges });
  followLabels({ pool, registry, events, most: maxLabels });
  return metrics;
}

/** Abandoned calls are bounded by the pool's maximum: past it, a hung call keeps its slot, until the pool closes. */
function createCallHost<Connection, Grant>(stores: () => Stores<Connection, Grant>, changed: () => void): CallHost {
  return {
    get clock() {
      return stores().clock;
    },
    get timers() {
      return stores().timers;
    },
    tryAbandon: (call) => {
      const { roster, bounds, metrics, lifecycle, events } = stores();
      if (roster.abandoned >= bounds.max && lifecycle !== 'closing') return false;
      roster.abandoned++;
      metrics.abandonedCalls.add();
      events.emit('call-abandoned', { call });
      return true;
    },
    abandonedSettled: () => {
      stores().roster.abandoned--;
      changed();
    },
  };
}
