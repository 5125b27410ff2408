/**
 * Owns the shape of whatever there is one of for each pool: two on SQLite, which has one writer, and one on a server.
 * It must never know what is kept for a pool.
 */

/** SQLite's readers and its writer, or the one pool of a server. */
export type PoolName = 'read' | 'write' | 'pool';

/** One value for each pool. */
export type Pools<Value> = { readonly read: Value; readonly write: Value } | { readonly pool: Value };

/** That of the pool which does most of the work. */
export function mainOf<Value>(pools: Pools<Value>): Value {
  return 'pool' in pools ? pools.pool : pools.read;
}

/** Each with its name, the main one first. */
export function listPools<Value>(pools: Pools<Value>): readonly (readonly [PoolName, Value])[] {
  if ('pool' in pools) return [['pool', pools.pool]];
  return [
    ['read', pools.read],
    ['write', pools.write],
  ];
}

export function mapPools<Value, Result>(
  pools: Pools<Value>,
  change: (value: Value, name: PoolName) => Result,
): Pools<Result> {
  if ('pool' in pools) return { pool: change(pools.pool, 'pool') };
  return { read: change(pools.read, 'read'), write: change(pools.write, 'write') };
}
