/**
 * Owns how this project's own pool is set up: as it comes, with everything on.
 * It must never know how the others are.
 */
import type { Lease } from '@cryo/pool-core';
import { Connection, type Subject, timeLimit } from '../subject.ts';

/** It is loaded like the peers: a case may have put its own time in the place of the platform's first. */
export async function cryo(): Promise<Subject> {
  const { createPool } = await import('@cryo/pool-core');
  return {
    name: 'cryo',
    canAbort: true,
    hearsIdleErrors: true,
    hasAcquireTimeout: true,
    keepsSome: true,
    checksOnBorrow: true,
    isGivenDial: true,
    runsQueries: true,
    start(plan) {
      const { server, max, min = 0, dialsAtOnce, checks, serverTimeoutMs } = plan;
      const limit = serverTimeoutMs === undefined ? {} : { timeoutMs: serverTimeoutMs };
      const pool = createPool<Connection>({
        name: 'orders',
        driver: {
          name: 'simulated',
          open() {
            const connection = new Connection();
            return server.open(connection).then(() => connection);
          },
          check: (connection) => server.check(connection),
          close: (connection) => server.close(connection),
          destroy: (connection) => void server.close(connection),
          watch(connection, broken) {
            connection.broken = broken;
            return () => {};
          },
        },
        size: { min, max },
        acquire: { ...timeLimit('timeoutMs', plan, Number.POSITIVE_INFINITY), queueLimit: Number.POSITIVE_INFINITY },
        connect: { ...limit, ...(dialsAtOnce === undefined ? {} : { concurrency: dialsAtOnce }) },
        validation: { ...limit, ...(checks === 'on-borrow' ? { bypassMs: 0 } : {}) },
      });
      return {
        acquire: (signal) => (signal === undefined ? pool.acquire() : pool.acquire({ signal })),
        release: (held) => (held as Lease<Connection>).release(),
        connectionOf: (held) => (held as Lease<Connection>).connection,
        close: (timeoutMs) => pool.close({ timeoutMs }),
        use: (work) => pool.use(work),
      };
    },
  };
}
