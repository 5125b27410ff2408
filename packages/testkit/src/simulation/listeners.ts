/**
 * Owns the listeners that nobody wants: those that throw, and those that call back into the pool that tells them something.
 * It must never judge what comes of it.
 */
import type { Action } from './action.ts';
import { drawAsk } from './asking.ts';
import type { Callers } from './callers.ts';
import { beginClose, closeAgain } from './ending.ts';
import { look, recycle, resize, resume, suspend } from './management.ts';
import type { World } from './world.ts';

const BROKEN_LISTENER = new Error('a listener is broken');

const HEARD = [
  'connection-opened',
  'connection-closed',
  'connection-error',
  'dial-started',
  'dial-failed',
  'request-queued',
  'request-refused',
  'lease-granted',
  'lease-released',
  'check-failed',
  'breaker-changed',
  'resized',
  'closed',
] as const;

/** A listener that throws. */
export function listen(world: World): void {
  const name = world.random.pick(HEARD);
  world.say(() => `a listener to ${name} throws`);
  world.attempt('on', () =>
    world.pool.on(name, () => {
      throw BROKEN_LISTENER;
    }),
  );
}

/** What a listener may do to the pool that tells it something. */
const REACTIONS: readonly Action[] = [
  (world, callers) => callers.acquire(drawAsk(world.random)),
  (_world, callers) => callers.tryAcquire(undefined),
  (_world, callers) => callers.release(),
  (_world, callers) => callers.abortOne(),
  resize,
  recycle,
  suspend,
  resume,
  look,
  beginClose,
  closeAgain,
];

/** A listener that calls back into the pool, a few times. */
export function react(world: World, callers: Callers): void {
  const name = world.random.pick(HEARD);
  const reaction = world.random.pick(REACTIONS);
  let times = world.random.integer(1, 3);
  world.say(() => `a listener to ${name} will act`);
  world.attempt('on', () =>
    world.pool.on(name, () => {
      if (world.phase === 'acting' && times-- > 0) void reaction(world, callers);
    }),
  );
}
