/**
 * Owns pools by key, for tenants, shards or databases: their making, their one bound on connections, and their eviction.
 * It must never know how a pool works, nor what a key stands for.
 */
import { Emitter, InvalidOptionsError, type Timer } from '@cryo/resilience';
import { checkCall } from './call-options.ts';
import type { CloseReport } from './closing.ts';
import type { Lease } from './lease.ts';
import type { UseContext, UseOptions } from './pool.ts';
import {
  POOL_MAP_EVENTS,
  type PoolMap,
  PoolMapClosedError,
  type PoolMapCloseReport,
  type PoolMapEvents,
  type PoolMapSnapshot,
} from './pool-map-contract.ts';
import { endOf, PoolMaker } from './pool-map-maker.ts';
import { PoolMapMetrics } from './pool-map-metrics.ts';
import { checkResize, type MappedPool, type PoolMapOptions, poolMapSettings } from './pool-map-options.ts';
import type { AcquireOptions } from './request.ts';
import { type SharedCapacity, sharedCapacity } from './shared-capacity.ts';

interface Entry<Member> {
  readonly key: string;
  readonly pool: Member;
  usedAtMs: number;
  /** Calls under way. */
  calls: number;
}

/** So many of those used least recently are looked at to make room; the next look is at the next new pool. */
const LOOKED_AT = 16;

class KeyedPools<Connection, Member extends MappedPool<Connection>> implements PoolMap<Connection, Member> {
  readonly name: string;
  readonly metrics: PoolMapMetrics;
  readonly #settings: Required<PoolMapOptions<Connection, Member>>;
  readonly #supply: SharedCapacity;
  readonly #maker: PoolMaker<Connection, Member>;
  readonly #events: Emitter<PoolMapEvents>;
  /** The one used least recently first. */
  readonly #entries = new Map<string, Entry<Member>>();
  /** Pools that are being closed, with their keys. */
  readonly #endings = new Map<Promise<CloseReport>, string>();
  #timer: Timer | undefined;
  #state: PoolMapSnapshot['state'] = 'open';
  #report: Promise<PoolMapCloseReport> | undefined;

  constructor(options: PoolMapOptions<Connection, Member>) {
    this.#settings = poolMapSettings(options);
    const { name, maxConnections, metricKeys, clock } = this.#settings;
    this.name = name;
    this.#supply = sharedCapacity(maxConnections);
    this.#maker = new PoolMaker(this.#settings, this.#supply, () => this.#state === 'open');
    this.metrics = new PoolMapMetrics(name, metricKeys, clock, {
      pools: () => this.#entries.size,
      connections: () => this.#supply.taken,
      waiting: () => this.snapshot().waiting,
    });
    this.#events = new Emitter<PoolMapEvents>({
      owner: `Pool map '${name}'`,
      names: POOL_MAP_EVENTS,
      listenerFailed: ({ event, error }) => {
        if (event !== 'listener-failed') this.#events.emit('listener-failed', { event, error });
      },
    });
  }

  acquire(key: string, options?: AcquireOptions): Promise<Lease<Connection>> {
    const startedAtMs = this.#settings.clock.now();
    return this.with(key, async (pool) => {
      try {
        const lease = await pool.acquire(options);
        this.metrics.granted(key, this.#settings.clock.now() - startedAtMs);
        return lease;
      } catch (error) {
        this.metrics.refused(key);
        throw error;
      }
    });
  }

  use<Result>(
    key: string,
    work: (connection: Connection, context: UseContext) => Result | PromiseLike<Result>,
    options?: UseOptions,
  ): Promise<Result> {
    const startedAtMs = this.#settings.clock.now();
    return this.with(key, async (pool) => {
      let granted = false;
      try {
        return await pool.use((connection, context) => {
          granted = true;
          this.metrics.granted(key, this.#settings.clock.now() - startedAtMs);
          return work(connection, context);
        }, options);
      } catch (error) {
        if (!granted) this.metrics.refused(key);
        throw error;
      }
    });
  }

  async with<Result>(key: string, work: (pool: Member) => Result | PromiseLike<Result>): Promise<Result> {
    const known = this.#find(key);
    const entry = known ?? this.#create(key);
    entry.calls++;
    this.#used(entry);
    try {
      // From here on it counts as used: whoever is told may ask for other keys, and for the same.
      if (known === undefined) this.#welcome(entry);
      return await work(entry.pool);
    } finally {
      entry.calls--;
      this.#used(entry);
    }
  }

  resize(bounds: { readonly maxConnections: number }): void {
    checkResize(this.name, bounds);
    this.#supply.resize(bounds.maxConnections);
  }

  snapshot(): PoolMapSnapshot {
    const pools = [...this.#entries.values()].map(({ key, pool }) => Object.freeze({ key, snapshot: pool.snapshot() }));
    return Object.freeze({
      map: this.name,
      state: this.#state,
      maxConnections: this.#supply.total,
      connections: this.#supply.taken,
      waiting: pools.reduce((sum, { snapshot }) => sum + snapshot.waiting, 0),
      pools: Object.freeze(pools),
    });
  }

  on<Name extends keyof PoolMapEvents>(name: Name, listener: (event: PoolMapEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  async close(options: { readonly timeoutMs?: number } = {}): Promise<PoolMapCloseReport> {
    checkCall(this.name, 'close', options);
    this.#report ??= this.#close(options);
    return this.#report;
  }

  async #close(options: { readonly timeoutMs?: number }): Promise<PoolMapCloseReport> {
    this.#state = 'closing';
    this.#timer?.cancel();
    for (const { key, pool } of this.#entries.values()) this.#endings.set(endOf(pool, options), key);
    const reports = [...this.#endings].map(async ([report, key]) =>
      (await report).culprits.map((culprit) => ({ key, ...culprit })),
    );
    const culprits = (await Promise.all(reports)).flat();
    const drained = culprits.length === 0;
    this.#state = 'closed';
    this.#events.emit('closed', { drained });
    this.#events.removeAll();
    return { drained, culprits };
  }

  #find(key: string): Entry<Member> | undefined {
    if (this.#state !== 'open') throw new PoolMapClosedError(this.name);
    if (typeof key !== 'string' || key === '') throw this.#fault('key', key, 'a string that is not empty');
    return this.#entries.get(key);
  }

  #create(key: string): Entry<Member> {
    const pool = this.#maker.make(key);
    const entry = { key, pool, usedAtMs: this.#settings.clock.now(), calls: 0 };
    this.#entries.set(key, entry);
    this.metrics.created.add();
    this.#watch();
    return entry;
  }

  #welcome({ key }: Entry<Member>): void {
    if (this.#entries.size > this.#settings.maxPools) this.#makeRoom();
    this.#events.emit('pool-created', { key });
  }

  #fault(path: string, value: unknown, expected: string): InvalidOptionsError {
    return new InvalidOptionsError(`Pool map '${this.name}'`, [{ path, value, expected }]);
  }

  #used(entry: Entry<Member>): void {
    entry.usedAtMs = this.#settings.clock.now();
    if (this.#entries.get(entry.key) !== entry) return;
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
  }

  #makeRoom(): void {
    let looks = 0;
    for (const entry of this.#entries.values()) {
      if (this.#isUnused(entry)) return this.#evict(entry, 'room');
      if (++looks === LOOKED_AT) return;
    }
  }

  #isUnused({ pool, calls }: Entry<Member>): boolean {
    if (calls > 0) return false;
    const { connections, waiting } = pool.snapshot();
    return connections.leased + waiting === 0;
  }

  /** Whoever asks from now on gets a new pool; the old one has nobody left to refuse. */
  #evict(entry: Entry<Member>, reason: 'unused' | 'room'): void {
    this.#entries.delete(entry.key);
    this.metrics.forget(entry.key);
    this.metrics.evicted.add();
    const report = endOf(entry.pool, {});
    this.#endings.set(report, entry.key);
    void report.then(() => this.#endings.delete(report));
    this.#events.emit('pool-evicted', { key: entry.key, reason });
  }

  #watch(): void {
    const { timers, idleTimeoutMs } = this.#settings;
    if (this.#timer !== undefined || idleTimeoutMs === Number.POSITIVE_INFINITY) return;
    this.#timer = timers.set(idleTimeoutMs / 4, () => this.#sweep(), { background: true });
  }

  #sweep(): void {
    const { clock, idleTimeoutMs, maxPools } = this.#settings;
    this.#timer = undefined;
    for (const entry of [...this.#entries.values()]) {
      const isMany = this.#entries.size > maxPools;
      if (!isMany && clock.now() - entry.usedAtMs < idleTimeoutMs) break;
      if (this.#isUnused(entry)) this.#evict(entry, isMany ? 'room' : 'unused');
      else this.#used(entry);
    }
    if (this.#entries.size > 0) this.#watch();
  }
}

/**
 * Makes a map of pools. No pool is made until its key is asked for.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function createPoolMap<Connection, Member extends MappedPool<Connection> = MappedPool<Connection>>(
  options: PoolMapOptions<Connection, Member>,
): PoolMap<Connection, Member> {
  return new KeyedPools(options);
}
