/**
 * Owns the making of the pools of a map by a stranger's function, which may call the map meanwhile; and the end of one.
 * It must never know which pools there are.
 */
import { InvalidOptionsError } from '@cryo/resilience';
import type { CloseReport } from './closing.ts';
import { PoolMapClosedError } from './pool-map-contract.ts';
import type { MappedPool, PoolMapSettings } from './pool-map-options.ts';
import type { SharedCapacity } from './shared-capacity.ts';

type MakerSettings<Connection, Member extends MappedPool<Connection>> = Pick<
  PoolMapSettings<Connection, Member>,
  'name' | 'create'
>;

export class PoolMaker<Connection, Member extends MappedPool<Connection>> {
  readonly #settings: MakerSettings<Connection, Member>;
  readonly #supply: SharedCapacity;
  readonly #isOpen: () => boolean;
  /** Keys whose pool is being made. */
  readonly #making = new Set<string>();

  /** @param isOpen whether the map still takes pools in */
  constructor(settings: MakerSettings<Connection, Member>, supply: SharedCapacity, isOpen: () => boolean) {
    this.#settings = settings;
    this.#supply = supply;
    this.#isOpen = isOpen;
  }

  /**
   * A pool for the key, which the map is to keep.
   *
   * @throws InvalidOptionsError, PoolMapClosedError when the map was closed meanwhile, and what `create` throws
   */
  make(key: string): Member {
    const { name, create } = this.#settings;
    if (this.#making.has(key)) throw this.#fault(`not to ask for '${key}' while it makes its pool`);
    const share = this.#supply.share();
    this.#making.add(key);
    try {
      const pool = create(key, { name: `${name}/${key}`, capacity: share });
      if (share.isJoined && this.#isOpen()) return pool;
      void endOf(pool, {});
    } finally {
      this.#making.delete(key);
    }
    if (!this.#isOpen()) throw new PoolMapClosedError(name);
    throw this.#fault('to pass `capacity` on to the pool that it makes');
  }

  #fault(expected: string): InvalidOptionsError {
    const { name, create } = this.#settings;
    return new InvalidOptionsError(`Pool map '${name}'`, [{ path: 'create', value: create, expected }]);
  }
}

/** A pool that cannot say how it ended has nobody to name. */
export async function endOf(
  pool: Pick<MappedPool<never>, 'close'>,
  options: { readonly timeoutMs?: number },
): Promise<CloseReport> {
  try {
    return await pool.close(options);
  } catch {
    return { drained: true, culprits: [] };
  }
}
