/**
 * Owns what a pool map can be told, and the judging of it.
 * It must never know what a map does with it.
 */
import { type Clock, OptionCheck, systemClock, systemTimers, type Timers } from '@cryo/resilience';
import { MAX_CONNECTIONS } from './call-options.ts';
import type { Capacity } from './capacity.ts';
import type { CloseReport } from './closing.ts';
import type { Lease } from './lease.ts';
import { checkMethods, type Group, numbersOf, readGroup } from './option-group.ts';
import type { UseContext, UseOptions } from './pool.ts';
import type { AcquireOptions } from './request.ts';
import type { PoolSnapshot } from './snapshot.ts';

/** What a map asks of its pools. Every `Pool` can do that. */
export interface MappedPool<Connection> {
  /** Lends a connection. */
  acquire(options?: AcquireOptions): Promise<Lease<Connection>>;
  /** Acquires, works, releases. */
  use<Result>(
    work: (connection: Connection, context: UseContext) => Result | PromiseLike<Result>,
    options?: UseOptions,
  ): Promise<Result>;
  /** What the map counts connections and waiting requests by. */
  snapshot(): PoolSnapshot;
  /** Ends the pool; must not reject. */
  close(options?: { readonly timeoutMs?: number }): Promise<CloseReport>;
}

/** What a pool of the map has to be made with. */
export interface MappedPoolParts {
  /** `tenants/acme`: the name of the map and the key. */
  readonly name: string;
  /** Its part of the connections of the map. */
  readonly capacity: Capacity;
}

/** What makes a pool map. */
export interface PoolMapOptions<Connection, Member extends MappedPool<Connection>> {
  /** Names the map in errors, metrics and the names of its pools. */
  readonly name: string;
  /** The most connections of all pools together, those being opened and closed included. */
  readonly maxConnections: number;
  /**
   * Makes the pool of a key, when the key is first asked for or was evicted since. It has to pass `name` and `capacity` on.
   * A `size.min` of 0 leaves what a key does not use to the others.
   */
  readonly create: (key: string, parts: MappedPoolParts) => Member & MappedPool<Connection>;
  /**
   * The most pools; a new one ends the one that was used least recently, of those that nobody uses. While all are in use there
   * may be more. Default 1,000.
   */
  readonly maxPools?: number;
  /** A pool that nobody used for this long is closed, in ms; `Infinity` for never. Default 600,000. */
  readonly idleTimeoutMs?: number;
  /** The most keys with metrics of their own; the others are counted as `other`. Default 50. */
  readonly metricKeys?: number;
  /** What times are read from. Default `systemClock`. */
  readonly clock?: Clock;
  /** What waits. Default `systemTimers`. */
  readonly timers?: Timers;
}

/** The options of a map, filled in. */
export type PoolMapSettings<Connection, Member extends MappedPool<Connection>> = Required<
  PoolMapOptions<Connection, Member>
>;

const NUMBERS = {
  maxPools: { min: 1, integer: true, infinity: true, unit: 'pools', initial: 1_000 },
  idleTimeoutMs: { above: 0, infinity: true, unit: 'ms', initial: 600_000 },
  metricKeys: { min: 0, integer: true, unit: 'keys', initial: 50 },
};

const OPTIONS = ['name', 'maxConnections', 'create', ...Object.keys(NUMBERS), 'clock', 'timers'];

/** @throws InvalidOptionsError listing every fault */
export function poolMapSettings<Connection, Member extends MappedPool<Connection>>(
  options: PoolMapOptions<Connection, Member>,
): PoolMapSettings<Connection, Member> {
  const check = new OptionCheck('createPoolMap');
  if (!check.type('options', options, 'object')) check.throwIfFaulty();
  const given = readGroup(check, '', options, OPTIONS);
  checkParts(check, given);
  const numbers = numbersOf(check, '', given, NUMBERS);
  check.throwIfFaulty();
  const { clock = systemClock, timers = systemTimers, ...rest } = options;
  return { ...rest, ...numbers, clock, timers };
}

function checkParts(check: OptionCheck, given: Group): void {
  const { name, maxConnections, create, clock, timers } = given;
  if (check.type('name', name, 'string') && `${name}`.trim() === '') {
    check.fault('name', name, 'a string that is not empty');
  }
  check.number('maxConnections', maxConnections, MAX_CONNECTIONS);
  check.type('create', create, 'function');
  checkMethods(check, 'clock', clock, ['now', 'wallNow']);
  checkMethods(check, 'timers', timers, ['set', 'afterInput']);
}

/** Judges a new bound for the map of that name. @throws InvalidOptionsError listing every fault */
export function checkResize(map: string, bounds: { readonly maxConnections: number }): void {
  const check = new OptionCheck(`Pool map '${map}': resize`);
  if (check.type('options', bounds, 'object')) {
    check.unknownKeys('', bounds, ['maxConnections']);
    check.number('maxConnections', OptionCheck.read(bounds, 'maxConnections'), MAX_CONNECTIONS);
  }
  check.throwIfFaulty();
}
