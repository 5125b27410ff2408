/**
 * Owns what the page and `GET /api/pool` show of the service at one moment.
 * It must never change anything, nor decide how it looks.
 */
import type { Arguments } from './cli/arguments.ts';
import { mapPools } from './data/pools.ts';
import { describeFullLoad } from './load/profiles.ts';
import { serviceTimeNote } from './report/report.ts';
import type { Run } from './run.ts';
import type { Service } from './service.ts';

/** The whole look, as plain data. Times in ms. */
export function overviewOf(given: Arguments, service: Service, run: Run): object {
  const { load, serviceTimeMs, chaos } = given;
  const { sent, served, errors, latency } = run.load.tally;
  return {
    database: given.database,
    elapsedMs: Math.round(run.elapsedMs),
    serviceTime: { medianMs: serviceTimeMs, note: serviceTimeNote(given.database) },
    load: {
      profile: load.profile,
      fullLoad: describeFullLoad(load),
      loop: load.loop,
      durationMs: load.durationMs === Infinity ? null : load.durationMs,
      sent,
      served,
      errors,
      servedPerSecond: Math.round(run.sampler.servedPerSecond),
      latencyMs: latency,
    },
    chaos: chaos === undefined ? null : { ...chaos, acting: service.store.trouble.faults },
    snapshot: mapPools(service.store.pools, (pool) => pool.snapshot()),
    health: service.store.health(),
    metrics: mapPools(service.watches.pools, (watch) => watch.summary()),
    history: run.sampler.recent.samples,
  };
}
