/**
 * Owns what may happen in a run and how likely it is.
 * It must never know what the pool should make of it.
 */
import { SimulatedError } from '@cryo/pool-core/testing';
import type { SeededRandom } from '@cryo/resilience/testing';
import { type Action, drawError, ERROR_CLASSES } from './action.ts';
import { drawAsk } from './asking.ts';
import type { Callers } from './callers.ts';
import { beginClose, closeAgain } from './ending.ts';
import { listen, react } from './listeners.ts';
import { look, recycle, resize, resume, suspend } from './management.ts';
import { answerHung, breakAll, breakOne, heal, switchServer } from './outages.ts';
import { LONGEST_WORK_MS } from './work.ts';
import type { World } from './world.ts';

/** Every action with its weight. */
const ACTIONS: readonly (readonly [weight: number, action: Action])[] = [
  [18, (world, callers) => callers.acquire(drawAsk(world.random))],
  [2, acquireMany],
  [4, (world, callers) => callers.tryAcquire(world.random.chance(0.3) ? 'reports' : undefined)],
  [7, use],
  [18, (_world, callers) => callers.release()],
  [4, (world, callers) => callers.release(drawError(world.random))],
  [1, (_world, callers) => callers.releaseAgain()],
  [0.2, (_world, callers) => callers.leak()],
  [0.4, rush],
  [4, (_world, callers) => callers.abortOne()],
  [2, (_world, callers) => callers.query()],
  [14, (world) => pass(world, world.random.pick([0, 1, 1, 2, 5]))],
  [7, (world) => pass(world, world.random() * 100)],
  [2, (world) => pass(world, world.random() * world.setup.longestJumpMs)],
  [1.5, (world) => stall(world, world.random.pick([10, 50, 600, 3_000]))],
  [0.3, (world) => stall(world, 15_000)],
  [0.7, freeze],
  [2, resize],
  [1, recycle],
  [1, suspend],
  [2, resume],
  [3, switchServer],
  [2, heal],
  [4, breakOne],
  [0.7, breakAll],
  [1, answerHung],
  [1, (world, callers) => callers.ready(world.random.pick([10, 500, 5_000]))],
  [1, look],
  [0.5, listen],
  [0.5, react],
  [1, shareCapacity],
  [0.05, beginClose],
  [0.3, closeAgain],
];

const totalWeight = ACTIONS.reduce((sum, [weight]) => sum + weight, 0);

/** Draws what happens next. */
export function drawAction(random: SeededRandom): Action {
  let drawn = random() * totalWeight;
  for (const [weight, action] of ACTIONS) {
    drawn -= weight;
    if (drawn < 0) return action;
  }
  return look;
}

function acquireMany(world: World, callers: Callers): void {
  const count = world.random.integer(2, 12);
  for (let index = 0; index < count; index++) callers.acquire(drawAsk(world.random));
}

/** One class comes without end while another waits: for each lease that comes home somebody else is there already. */
async function rush(world: World, callers: Callers): Promise<void> {
  const { random } = world;
  const [waiting, coming] = random.pick([
    ['low', 'high'],
    ['low', 'normal'],
    ['normal', 'high'],
  ] as const);
  const signal = random.chance(0.5) ? 'own' : 'none';
  callers.acquire({ timeoutMs: Number.POSITIVE_INFINITY, priority: waiting, signal });
  callers.acquire({ priority: coming, signal });
  for (let round = random.integer(5, 40); round > 0 && world.violation === undefined; round--) {
    callers.acquire({ priority: coming, signal });
    callers.release();
    await world.pass(random.pick([0, 0, 0, 1, 5]));
  }
}

function use(world: World, callers: Callers): void {
  const { random } = world;
  const lastsMs = random.pick([0, 1, 10, 200, LONGEST_WORK_MS, 'at-once'] as const);
  const fails = random.chance(0.2) ? new SimulatedError('the work failed', random.pick(ERROR_CLASSES)) : undefined;
  callers.use({ ...drawAsk(random), lastsMs, fails, listens: random.chance(0.3) });
}

async function pass(world: World, ms: number): Promise<void> {
  world.say(() => `${ms.toFixed(3)} ms pass`);
  await world.pass(ms);
}

async function stall(world: World, ms: number): Promise<void> {
  world.say(() => `the event loop is blocked for ${ms} ms`);
  await world.stall(ms);
}

function freeze(world: World): void {
  const ms = world.random.pick([100, 6_000, 600_000]);
  world.say(() => `the machine is frozen for ${ms} ms`);
  world.clock.freeze(ms);
}

function shareCapacity(world: World): void {
  const { random, capacity, setup } = world;
  if (setup.capacity === Number.POSITIVE_INFINITY) return;
  const places = random.integer(0, setup.capacity + 2);
  world.say(() => `the others leave ${places} tickets`);
  world.attempt('the capacity', () => capacity.allow(places));
}
