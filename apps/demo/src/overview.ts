/**
 * Owns what the page and `GET /api/pool` show of the service at one moment.
 * It must never change anything, nor decide how it looks.
 */
import type { Arguments } from './cli/arguments.ts';
import { describeFullLoad } from './load/profiles.ts';
import { SERVICE_TIME_NOTE } from './report/report.ts';
import type { Run } from './run.ts';
import type { Service } from './service.ts';

/** The whole look, as plain data. Times in ms. */
export function overviewOf(given: Arguments, service: Service, run: Run): object {
  const { load, serviceTimeMs, chaos } = given;
  const { sent, served, errors, latency } = run.load.tally;
  return {
    elapsedMs: Math.round(run.elapsedMs),
    serviceTime: { medianMs: serviceTimeMs, note: SERVICE_TIME_NOTE },
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
    chaos: chaos === undefined ? null : { ...chaos, acting: service.wire.faults },
    snapshot: service.pool.snapshot(),
    health: service.pool.health(),
    metrics: { read: service.watches.read.summary(), write: service.watches.write.summary() },
    history: run.sampler.recent.samples,
  };
}
