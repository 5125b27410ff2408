/**
 * Owns the metrics of a pool map: one set for each of a bounded number of keys, one for all others.
 * It must never know a pool.
 */
import { type Clock, type Counter, type Histogram, Registry, type RegistryReading } from '@cryo/resilience';
import { BoundedLabels } from './bounded-labels.ts';

/** What is counted of one key. */
interface KeyMeters {
  readonly leases: Counter;
  readonly refusals: Counter;
  readonly acquireTime: Histogram;
}

/** What is read of the whole map. */
export interface PoolMapGauges {
  readonly pools: () => number;
  readonly connections: () => number;
  readonly waiting: () => number;
}

const FAMILIES = {
  leases: { name: 'cryo_pool_map_leases_total', help: 'Leases granted.' },
  refusals: { name: 'cryo_pool_map_refusals_total', help: 'Requests that got an error instead of a lease.' },
  acquireTime: {
    name: 'cryo_pool_map_acquire_ms',
    help: 'From the request to the lease, the making of the pool included.',
    unit: 'ms',
  },
} as const;

export class PoolMapMetrics {
  readonly created: Counter;
  readonly evicted: Counter;
  readonly #registry: Registry;
  readonly #map: string;
  readonly #keys: BoundedLabels<KeyMeters>;

  constructor(map: string, metricKeys: number, clock: Clock, gauges: PoolMapGauges) {
    const registry = new Registry({ clock });
    const labels = { map };
    this.#map = map;
    this.#registry = registry;
    this.#keys = new BoundedLabels(metricKeys, (key) => ({
      leases: registry.counter({ ...FAMILIES.leases, labels: { map, key } }),
      refusals: registry.counter({ ...FAMILIES.refusals, labels: { map, key } }),
      acquireTime: registry.histogram({ ...FAMILIES.acquireTime, labels: { map, key } }),
    }));
    this.created = registry.counter({ name: 'cryo_pool_map_pools_created_total', help: 'Pools made.', labels });
    this.evicted = registry.counter({
      name: 'cryo_pool_map_pools_evicted_total',
      help: 'Pools closed because nobody used them.',
      labels,
    });
    registry.gauge({ name: 'cryo_pool_map_pools', help: 'Pools now.', labels, read: gauges.pools });
    const help = 'Connections of all pools, those being opened and closed included.';
    registry.gauge({ name: 'cryo_pool_map_connections', help, labels, read: gauges.connections });
    registry.gauge({ name: 'cryo_pool_map_waiting', help: 'Requests that wait.', labels, read: gauges.waiting });
  }

  granted(key: string, waitedMs: number): void {
    const meters = this.#keys.of(key);
    meters.leases.add();
    meters.acquireTime.record(Math.max(0, waitedMs));
  }

  refused(key: string): void {
    this.#keys.of(key).refusals.add();
  }

  /** The pool of the key is gone: its metrics make room for those of another. */
  forget(key: string): void {
    if (!this.#keys.forget(key)) return;
    for (const { name } of Object.values(FAMILIES)) this.#registry.remove({ name, labels: { map: this.#map, key } });
  }

  read(options?: { readonly since?: RegistryReading }): RegistryReading {
    return this.#registry.read(options);
  }
}
