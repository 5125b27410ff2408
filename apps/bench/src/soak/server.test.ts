import type { Driver } from '@cryo/pool-core';
import { expect, it } from 'vitest';
import { ServerSoak } from './server.ts';
import { soak } from './soak.ts';

const LENGTH_MS = 1_500;

it('a soak on a real server names the sessions that a driver forgot to close', async ({ skip }) => {
  const reason = await noServer();
  if (reason !== undefined) skip(`no PostgreSQL to be had: ${reason}`);
  const world = () => ServerSoak.set('postgres', { wrapDriver: forgetful, troubles: [], balancedWithinMs: 0 });
  const { faults, requests } = await soak(world, { lengthMs: LENGTH_MS, settleMs: 0, onProgress: () => {} });
  expect(requests.granted).toBeGreaterThan(0);
  expect(faults.join('\n')).toMatch(/\d+ sessions are left/);
});

/** Says that it closed a connection, and did not. */
function forgetful<Connection>(driver: Driver<Connection>): Driver<Connection> {
  return { ...driver, close: async () => {}, destroy: () => {} };
}

async function noServer(): Promise<string | undefined> {
  if (process.env.CRYO_REQUIRE_SERVERS === '1') return undefined;
  try {
    const { startPostgres } = await import('@cryo/testkit/servers');
    await (await startPostgres()).remove();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
