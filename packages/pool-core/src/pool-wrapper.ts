/**
 * Owns a pool that stands before another one: every call goes through, but for those that are answered here.
 * It must never know what they are answered with.
 */
import type { Pool } from './pool.ts';

/** The pool, with some of its methods replaced. */
export function wrapPool<Connection>(pool: Pool<Connection>, replaced: Partial<Pool<Connection>>): Pool<Connection> {
  return {
    name: pool.name,
    metrics: pool.metrics,
    ready: (options) => pool.ready(options),
    acquire: (options) => pool.acquire(options),
    tryAcquire: (options) => pool.tryAcquire(options),
    use: (work, options) => pool.use(work, options),
    resize: (bounds) => pool.resize(bounds),
    recycle: () => pool.recycle(),
    suspend: () => pool.suspend(),
    resume: () => pool.resume(),
    snapshot: () => pool.snapshot(),
    health: () => pool.health(),
    on: (name, listener) => pool.on(name, listener),
    close: (options) => pool.close(options),
    ...replaced,
  };
}
