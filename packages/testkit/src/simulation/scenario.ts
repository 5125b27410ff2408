/**
 * Owns what may happen in a run and how likely it is.
 * It must never know what the pool should make of it.
 */
import { SimulatedError } from '@cryo/pool-core/testing';
import type { SeededRandom } from '@cryo/resilience/testing';
import type { Ask, Callers } from './callers.ts';
import { beginClose } from './ending.ts';
import type { World } from './world.ts';

/** One thing that happens; time may pass while it does. */
export type Action = (world: World, callers: Callers) => void | Promise<void>;

const ERROR_CLASSES = [
  'connection-lost',
  'server-unavailable',
  'overloaded',
  'misconfigured',
  'conflict',
  'statement',
  undefined,
] as const;

const BROKEN_LISTENER = new Error('a listener is broken');

/** Every action with its weight. */
export const actions: readonly (readonly [weight: number, action: Action])[] = [
  [18, (world, callers) => callers.acquire(drawAsk(world.random))],
  [2, acquireMany],
  [4, (_world, callers) => callers.tryAcquire(undefined)],
  [7, use],
  [18, (_world, callers) => callers.release()],
  [4, (world, callers) => callers.release(drawError(world.random))],
  [1, (_world, callers) => callers.releaseAgain()],
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
  [0.3, shareCapacity],
  [0.05, (world) => beginClose(world)],
];

const totalWeight = actions.reduce((sum, [weight]) => sum + weight, 0);

/** Draws what happens next. */
export function drawAction(random: SeededRandom): Action {
  let drawn = random() * totalWeight;
  for (const [weight, action] of actions) {
    drawn -= weight;
    if (drawn < 0) return action;
  }
  return look;
}

function drawAsk(random: SeededRandom): Ask {
  return {
    ...(random.chance(0.3) && { timeoutMs: random.pick([1, 20, 300, 3_000, Number.POSITIVE_INFINITY]) }),
    ...(random.chance(0.3) && { label: random.pick(['orders', 'reports']) }),
    signal: random.chance(0.3) ? (random.chance(0.05) ? 'aborted' : 'own') : 'none',
  };
}

function drawError(random: SeededRandom): unknown {
  if (random.chance(0.1)) return random.pick([null, 'a string', 0]);
  const errorClass = random.pick(ERROR_CLASSES);
  return new SimulatedError(`the work failed: ${errorClass}`, errorClass);
}

function acquireMany(world: World, callers: Callers): void {
  const count = world.random.integer(2, 12);
  for (let index = 0; index < count; index++) callers.acquire(drawAsk(world.random));
}

function use(world: World, callers: Callers): void {
  const { random } = world;
  const lastsMs = random.pick([0, 1, 10, 200]);
  const fails = random.chance(0.2) ? new SimulatedError('the work failed', random.pick(ERROR_CLASSES)) : undefined;
  callers.use({ ...drawAsk(random), lastsMs, fails });
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

function resize(world: World): void {
  const { random, pool } = world;
  const { absoluteMax } = pool.snapshot().size;
  const max = random.integer(1, absoluteMax);
  const min = random.integer(0, max);
  world.say(() => `resize to ${min}..${max}`);
  world.watch.askedAnew();
  guard(world, 'resize', () => pool.resize({ min, max }));
}

function recycle(world: World): void {
  world.say(() => 'recycle');
  world.watch.askedAnew();
  guard(world, 'recycle', () => world.pool.recycle());
}

function suspend(world: World): void {
  world.say(() => 'suspend');
  guard(world, 'suspend', () => world.pool.suspend());
}

function resume(world: World): void {
  world.say(() => 'resume');
  guard(world, 'resume', () => world.pool.resume());
}

function switchServer(world: World): void {
  const { random, simulated } = world;
  const state = random.pick([
    { kind: 'refusing' },
    { kind: 'silent' },
    { kind: 'overloaded', places: random.integer(0, 4) },
    { kind: 'misconfigured' },
    { kind: 'slow', factor: random.pick([3, 30]) },
  ] as const);
  world.say(() => `the server is ${state.kind}`);
  simulated.server.become(state);
}

async function heal(world: World): Promise<void> {
  world.say(() => 'the server is healthy');
  world.simulated.server.become({ kind: 'healthy' });
  if (world.random.chance(0.5)) await answerHung(world);
  else await world.judge();
}

async function answerHung(world: World): Promise<void> {
  world.say(() => 'hung calls answer');
  world.simulated.server.answerHung(() => world.random.pick(['succeed', 'fail', undefined] as const));
  await world.pass(0);
}

function breakOne(world: World): void {
  const { random, simulated } = world;
  const open = [...simulated.truth.held];
  if (open.length === 0) return;
  const connection = random.pick(open);
  const report = random.pick(['silently', 'once', 'twice'] as const);
  world.say(() => `c${connection.id} breaks, reported ${report}`);
  guard(world, 'broken()', () => simulated.breakConnection(connection, report));
}

function breakAll(world: World): void {
  const { random, simulated } = world;
  const report = random.pick(['silently', 'once', 'twice'] as const);
  world.say(() => `every connection breaks, reported ${report}`);
  for (const connection of [...simulated.truth.held]) {
    guard(world, 'broken()', () => simulated.breakConnection(connection, report));
  }
}

function shareCapacity({ random, capacity, setup }: World): void {
  if (setup.capacity !== Number.POSITIVE_INFINITY) capacity.places = random.integer(0, setup.capacity + 2);
}

function look(world: World): void {
  guard(world, 'health', () => world.pool.health());
  guard(world, 'metrics.read', () => world.pool.metrics.read());
}

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

function listen(world: World): void {
  const name = world.random.pick(HEARD);
  world.say(() => `a listener to ${name} throws`);
  guard(world, 'on', () =>
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
];

/** A listener that calls back into the pool, a few times. */
function react(world: World, callers: Callers): void {
  const name = world.random.pick(HEARD);
  const reaction = world.random.pick(REACTIONS);
  let times = world.random.integer(1, 3);
  world.say(() => `a listener to ${name} will act`);
  guard(world, 'on', () =>
    world.pool.on(name, () => {
      if (world.phase === 'acting' && times-- > 0) void reaction(world, callers);
    }),
  );
}

function guard(world: World, what: string, call: () => unknown): void {
  try {
    call();
  } catch (error) {
    world.ledger.escaped(`${what} threw`, error);
  }
}
