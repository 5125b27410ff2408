/**
 * Owns the running service: database, pools under watch, HTTP server; opened in order and closed in order.
 * It must never know the load, the command line, nor print anything.
 */
import type { AddressInfo } from 'node:net';
import { seededRandom } from '@cryo/resilience/testing';
import type { FastifyInstance } from 'fastify';
import { BadInputError } from './cli/bad-input.ts';
import type { OpenDatabase } from './data/database.ts';
import { openDatabase, type PlaceOptions } from './data/open.ts';
import { listPools, mapPools, type Pools } from './data/pools.ts';
import { createServer } from './http/server.ts';
import { OutageWatch } from './report/outage-watch.ts';
import { PoolWatch } from './report/pool-watch.ts';
import { watchedDatabase } from './report/watched-database.ts';
import { serviceTimes } from './wire/service-time.ts';
import { Wire } from './wire/wire.ts';

export interface ServiceOptions extends PlaceOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly serviceTimeMs: number;
  readonly seed: number;
  /** What `GET /api/pool` answers. */
  readonly overview: () => object;
  /** Told of every error that is answered with 500. */
  readonly mistaken: (error: unknown) => void;
}

export interface Service {
  /** Where it is reached from this machine, such as `http://127.0.0.1:4100`. */
  readonly url: string;
  readonly store: OpenDatabase;
  readonly watches: { readonly pools: Pools<PoolWatch>; readonly outage: OutageWatch };
  /** Takes no more requests, waits for those under way, closes the pools. Answers how many leases never came home. */
  close(timeoutMs: number): Promise<number>;
}

/**
 * Opens the database and listens.
 *
 * @throws BadInputError when the address can't be had; everything is closed again
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const wire = new Wire(serviceTimes(options.serviceTimeMs, seededRandom(options.seed)));
  const store = await openDatabase(options, wire);
  const { pools } = store;
  const watches = { pools: mapPools(pools, (pool) => new PoolWatch(pool)), outage: new OutageWatch(pools) };
  for (const [name, pool] of listPools(pools)) pool.on('dial-started', () => watches.outage.dialed(name));
  const status = { readiness: () => store.health(), overview: options.overview };
  const app = createServer(watchedDatabase(store.database, pools, watches.outage), status, options.mistaken);
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await store.close();
    throw new BadInputError([describeListenFailure(error, options)]);
  }
  return {
    url: urlOf(app),
    store,
    watches,
    async close(timeoutMs) {
      const [{ culprits }] = await Promise.all([store.close({ timeoutMs }), app.close()]);
      return culprits.length;
    },
  };
}

function urlOf(app: FastifyInstance): string {
  const { address, family, port } = app.server.address() as AddressInfo;
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function describeListenFailure(error: unknown, { host, port }: ServiceOptions): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is taken; choose another with --port, or 0 for any free one`;
  if (code === 'EACCES') return `port ${port} on ${host} is not allowed to this process; choose one from 1024`;
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') return `--host '${host}' is no address of this machine`;
  return `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`;
}
