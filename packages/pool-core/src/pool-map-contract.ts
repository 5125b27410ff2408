/**
 * Owns what a caller may ask of a pool map, and what is answered.
 * It must never know how a map comes to its answer.
 */
import { CryoError, type EventNames, type RegistryReading } from '@cryo/resilience';
import type { Culprit } from './closing.ts';
import type { Lease } from './lease.ts';
import type { UseContext, UseOptions } from './pool.ts';
import type { MappedPool } from './pool-map-options.ts';
import type { AcquireOptions } from './request.ts';
import type { PoolSnapshot } from './snapshot.ts';

/** The map is closing or closed. */
export class PoolMapClosedError extends CryoError {
  /** The map's name. */
  readonly map: string;

  constructor(map: string) {
    super('POOL_CLOSED', `Pool map '${map}' is closed`);
    this.map = map;
  }

  override get name(): string {
    return 'PoolMapClosedError';
  }
}

/** Every event of a map with its payload. For those of a pool, listen to it in `create`. */
export interface PoolMapEvents {
  /** A key was asked for that had no pool. */
  'pool-created': { readonly key: string };
  /** `unused` for `idleTimeoutMs`, or to make room for another pool. */
  'pool-evicted': { readonly key: string; readonly reason: 'unused' | 'room' };
  /** A listener of the map threw. */
  'listener-failed': { readonly event: string; readonly error: unknown };
  /** The last pool has ended; `drained`: every lease came home by itself. */
  closed: { readonly drained: boolean };
}

export const POOL_MAP_EVENTS: EventNames<PoolMapEvents> = {
  'pool-created': true,
  'pool-evicted': true,
  'listener-failed': true,
  closed: true,
};

/** A map at one moment: a frozen plain value. */
export interface PoolMapSnapshot {
  /** The name of the map. */
  readonly map: string;
  /** `closing` while pools drain, `closed` once the last has ended. */
  readonly state: 'open' | 'closing' | 'closed';
  /** The bound on the connections of all pools together. */
  readonly maxConnections: number;
  /** Connections of all pools, those being opened and closed, and those of pools being evicted, included. */
  readonly connections: number;
  /** Requests of all pools that wait. */
  readonly waiting: number;
  /** The one used least recently first. */
  readonly pools: readonly { readonly key: string; readonly snapshot: PoolSnapshot }[];
}

/** How a map ended. */
export interface PoolMapCloseReport {
  /** Every lease of every pool came home by itself. */
  readonly drained: boolean;
  /** Who did not give a lease back in time, with the key of the pool. */
  readonly culprits: readonly (Culprit & { readonly key: string })[];
}

/** Pools by key. Every rejection is the pool's own, or one of the errors named here. */
export interface PoolMap<Connection, Member extends MappedPool<Connection>> {
  /** As in the options: what errors and metrics call it, and the first part of the name of each pool. */
  readonly name: string;
  /**
   * Counters and times of all pools by the label `key`; `read({ since })` gives the change since an earlier reading.
   */
  readonly metrics: { read(options?: { readonly since?: RegistryReading }): RegistryReading };
  /** @throws what `acquire` of the pool throws, PoolMapClosedError, InvalidOptionsError, and what `create` throws */
  acquire(key: string, options?: AcquireOptions): Promise<Lease<Connection>>;
  /** @throws what `use` of the pool throws, PoolMapClosedError, InvalidOptionsError, and what `create` throws */
  use<Result>(
    key: string,
    work: (connection: Connection, context: UseContext) => Result | PromiseLike<Result>,
    options?: UseOptions,
  ): Promise<Result>;
  /** Does something with the pool of a key, which is not evicted meanwhile: what only this kind of pool can. */
  with<Result>(key: string, work: (pool: Member) => Result | PromiseLike<Result>): Promise<Result>;
  /** A new bound on all connections, at once. @throws InvalidOptionsError */
  resize(bounds: { readonly maxConnections: number }): void;
  /** Everything there is to see from outside, at this moment, as a frozen plain value. */
  snapshot(): PoolMapSnapshot;
  /** Subscribes, and answers what unsubscribes. A listener that throws hurts nobody: see `listener-failed`. */
  on<Name extends keyof PoolMapEvents>(name: Name, listener: (event: PoolMapEvents[Name]) => void): () => void;
  /** Closes every pool, each as its own `close` says, and names the key of who held a lease. Never rejects. */
  close(options?: { readonly timeoutMs?: number }): Promise<PoolMapCloseReport>;
}
