/**
 * Owns the report of a run: what was asked, what became of it, what the pools did, and whether anything was lost.
 * It must never know how it is shown.
 */
import type { Health } from '@cryo/pool-core';
import type { Arguments } from '../cli/arguments.ts';
import type { DatabaseKind } from '../data/database.ts';
import type { Pools } from '../data/pools.ts';
import { POOL_FAILURE_CODES } from '../http/failures.ts';
import { describeFullLoad } from '../load/profiles.ts';
import type { TallyReading } from '../load/tally.ts';
import type { OutageReport } from './outage-watch.ts';
import { type PoolSummary, rounded } from './pool-watch.ts';
import type { SizeSample } from './timeline.ts';

/** What must not happen: each of these is 0, or the run has failed. */
export interface Losses {
  /** Requests that were sent and never answered. */
  readonly unanswered: number;
  /** Leases that never came home. */
  readonly leasesOpen: number;
  readonly unhandledRejections: number;
}

/** What a run leaves behind, gathered after its end. */
export interface Findings {
  readonly elapsedMs: number;
  readonly tally: TallyReading;
  readonly pools: Pools<PoolSummary>;
  readonly health: Health;
  readonly sizeOverTime: readonly SizeSample[];
  readonly outage: OutageReport | undefined;
  readonly lost: Losses;
}

export type Report = ReturnType<typeof createReport>;

export function createReport(given: Arguments, findings: Findings) {
  const { tally, pools, lost } = findings;
  const { p50, p95, p99, max } = tally.latency;
  return {
    run: {
      database: given.database,
      ...describeLoad(given),
      elapsedMs: Math.round(findings.elapsedMs),
      serviceTimeMs: { median: given.serviceTimeMs, distribution: 'log-normal', note: serviceTimeNote(given.database) },
      chaos: given.chaos ?? null,
    },
    sent: tally.sent,
    served: tally.served,
    withheld: tally.withheld,
    errors: tally.errors,
    latencyMs: { p50: rounded(p50), p95: rounded(p95), p99: rounded(p99), max: rounded(max) },
    ...pools,
    health: findings.health,
    sizeOverTime: findings.sizeOverTime,
    ...(findings.outage !== undefined && { outage: findings.outage }),
    lost,
    ok: judge(given, tally, lost),
  };
}

/** What the service time stands for. */
export function serviceTimeNote(database: DatabaseKind): string {
  const held = 'each request holds its lease across a seeded service time';
  return database === 'sqlite'
    ? `SQLite answers from this process; ${held}, as if a network lay between.`
    : `The server answers look-ups in a moment; ${held}, as if its work were longer.`;
}

function describeLoad({ load }: Arguments) {
  return {
    profile: load.profile,
    workers: load.loop.kind === 'closed' ? load.workers : null,
    fullLoad: describeFullLoad(load),
    loop: load.loop,
    durationMs: load.durationMs === Infinity ? null : load.durationMs,
    seed: load.seed,
  };
}

/** Nothing lost; and no error at all, but for a pool's own while chaos reigns. */
function judge({ chaos }: Arguments, { sent, served, errors }: TallyReading, lost: Losses): boolean {
  if (lost.unanswered + lost.leasesOpen + lost.unhandledRejections > 0) return false;
  if (sent > 0 && served === 0) return false;
  return Object.keys(errors).every((code) => chaos !== undefined && POOL_FAILURE_CODES.has(code));
}
