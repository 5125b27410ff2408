/**
 * Owns what an operator does to a pool: new bounds, renewal, suspension, a look at it.
 * It must never use a connection.
 */
import type { World } from './world.ts';

export function resize(world: World): void {
  const { random, pool } = world;
  const { absoluteMax } = pool.snapshot().size;
  const max = random.integer(1, absoluteMax);
  const min = random.integer(0, max);
  world.say(() => `resize to ${min}..${max}`);
  world.watch.askedAnew();
  world.attempt('resize', () => pool.resize({ min, max }));
}

export function recycle(world: World): void {
  world.say(() => 'recycle');
  world.watch.askedAnew();
  world.attempt('recycle', () => world.pool.recycle());
}

export function suspend(world: World): void {
  world.say(() => 'suspend');
  world.attempt('suspend', () => world.pool.suspend());
}

export function resume(world: World): void {
  world.say(() => 'resume');
  world.attempt('resume', () => world.pool.resume());
}

export function look(world: World): void {
  world.attempt('health', () => world.pool.health());
  world.attempt('metrics.read', () => world.pool.metrics.read());
}
