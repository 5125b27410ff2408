import { createPool } from '@cryo/pool-core';
import { SimulatedError } from '@cryo/pool-core/testing';
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

test('work that is still under way, and then says that the server is gone, is waited for before leases are counted', async () => {
  const small = smallSetup('core', 1);
  const breaker = { threshold: 1, openForMs: 5_000, successes: 1, probeIntervalMs: 1_000 };
  const setup = { ...small, settings: { ...small.settings, breaker }, behaviour: {} };
  const world = new World({ seed: 1, createPool, trace: 'keep', setup });
  const callers = new Callers(world);
  callers.use({ lastsMs: 900, fails: new SimulatedError('the server is gone', 'server-unavailable') });
  await world.pass(10);
  expect(world.pool.snapshot().connections.leased).toBe(1);
  await endWell(world, callers);
  expect(world.violation).toBeUndefined();
});
