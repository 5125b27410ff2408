import { createPool } from '@cryo/pool-core';
import { expect, test } from 'vitest';
import { smallSetup } from './alphabet.ts';
import { Callers } from './callers.ts';
import { endWell } from './ending.ts';
import { World } from './world.ts';

test('a dial to a slow server that ignores its signal may hold others back for as long as it is out', async () => {
  const behaviour = { open: { latencyMs: [400, 400], heedsAbort: 0 } } as const;
  const small = smallSetup('core', 1);
  const breaker = { threshold: 1, openForMs: 100, successes: 1, probeIntervalMs: 20 };
  const setup = { ...small, settings: { ...small.settings, breaker }, behaviour };
  const world = new World({ seed: 1, createPool, trace: 'keep', setup });
  const callers = new Callers(world);
  world.simulated.server.become({ kind: 'slow', factor: 30 });
  callers.acquire({});
  await world.pass(1_100);
  expect(world.pool.snapshot()).toMatchObject({ live: 0, abandoned: 1 });
  await endWell(world, callers);
  expect(world.violation).toBeUndefined();
});
