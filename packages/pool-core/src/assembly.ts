/**
 * Owns the making of a pool's stores from its options.
 * It must never start anything.
 */
import { type Clock, Emitter, guardTimers, Registry, systemClock, systemRandom, systemTimers } from '@cryo/resilience';
import { unlimitedCapacity } from './capacity.ts';
import { MovingMean } from './demand.ts';
import type { CallHost } from './driver-call.ts';
import type { PoolEvents } from './events.ts';
import { Guests } from './guest.ts';
import { IdleStore } from './idle-store.ts';
import { followLabels } from './label-metrics.ts';
import type { PoolOptions, Settings } from './options.ts';
import { PoolMetrics } from './pool-metrics.ts';
import { createRedactor } from './redaction.ts';
import { Roster } from './roster.ts';
import { parseSettings } from './settings.ts';
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
    listenerFailed: (fault) => {
      if (fault.event === 'listener-failed') return;
      events.emit('listener-failed', { event: fault.event, error: redactor.mask(fault.error) });
    },
  });
  const metrics = createMetrics(settings, events, clock, snapshot);
  const timers = guardTimers({
    clock,
    timers: options.timers ?? systemTimers,
    stalled: (lateMs) => {
      metrics.stalls.add();
      events.emit('stalled', { lateMs });
    },
  });
  const { min, max, absoluteMax } = settings.size;
  const roster = new Roster<Connection>(clock.now());
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
    queue: new WaitQueue<Grant>(settings.acquire.queueLimit, settings.acquire.timeoutMs),
    calls: createCallHost(() => stores, changed),
    recent: { holdMs: new MovingMean(), dialMs: new MovingMean() },
    readyWaiters: 0,
    bounds,
    generation: 0,
    lifecycle: 'open',
  };
  return stores;
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
