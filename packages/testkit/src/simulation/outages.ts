/**
 * Owns what happens to the server and to the way there: states, calls that hang, connections that break.
 * It must never touch the pool.
 */
import type { World } from './world.ts';

export function switchServer(world: World): void {
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

export async function heal(world: World): Promise<void> {
  world.say(() => 'the server is healthy');
  world.simulated.server.become({ kind: 'healthy' });
  if (world.random.chance(0.5)) await answerHung(world);
  else await world.judge();
}

export async function answerHung(world: World): Promise<void> {
  world.say(() => 'hung calls answer');
  world.simulated.server.answerHung(() => world.random.pick(['succeed', 'fail', undefined] as const));
  await world.pass(0);
}

export function breakOne(world: World): void {
  const { random, simulated } = world;
  const open = [...simulated.truth.held];
  if (open.length === 0) return;
  const connection = random.pick(open);
  const report = random.pick(['silently', 'once', 'twice'] as const);
  world.say(() => `c${connection.id} breaks, reported ${report}`);
  world.attempt('broken()', () => simulated.breakConnection(connection, report));
}

export function breakAll(world: World): void {
  const { random, simulated } = world;
  const report = random.pick(['silently', 'once', 'twice'] as const);
  world.say(() => `every connection breaks, reported ${report}`);
  for (const connection of [...simulated.truth.held]) {
    world.attempt('broken()', () => simulated.breakConnection(connection, report));
  }
}
