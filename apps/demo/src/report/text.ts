/**
 * Owns how a run looks on a terminal: the words at its beginning, the progress line, the table at its end.
 * It must never decide what is in a report.
 */
import type { PoolSnapshot } from '@cryo/pool-core';
import type { Arguments } from '../cli/arguments.ts';
import type { OpenDatabase } from '../data/database.ts';
import { listPools, mainOf } from '../data/pools.ts';
import { describeFullLoad } from '../load/profiles.ts';
import type { TallyReading } from '../load/tally.ts';
import type { PoolSummary, Times } from './pool-watch.ts';
import type { Report } from './report.ts';

/** What a database is called. */
const NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL', mysql: 'MySQL' } as const;

type Opened = Pick<OpenDatabase, 'place' | 'origin'>;

/** What a run begins with: where to look. */
export function banner({ load, database }: Arguments, url: string, { place, origin }: Opened): string {
  const until = load.durationMs === Infinity ? 'until Ctrl-C' : `for ${load.durationMs / 1_000} s`;
  return `CryoProtect is up: a resilient ${NAMES[database]} pool at work on a real database.

  look here   ${url}
  data        ${url}/api/cryoprotectants?q=glycol
  database    ${place} (${origin})
  load        ${load.profile}, ${describeFullLoad(load)}, ${until}

`;
}

/** One line that fits in 80 columns. */
export function progressLine(
  elapsedMs: number,
  tally: TallyReading,
  servedPerSecond: number,
  main: PoolSnapshot,
): string {
  const failed = Object.values(tally.errors).reduce((sum, count) => sum + count, 0);
  return [
    `${Math.round(elapsedMs / 1_000)} s`.padStart(6),
    `${whole(servedPerSecond)}/s`,
    `${whole(tally.served)} served`,
    `${whole(failed)} failed`,
    `leased ${main.connections.leased}/${main.size.max}`,
    `${main.waiting} waiting`,
  ].join('  ');
}

/** The report as a small table. */
export function reportText(report: Report): string {
  const { run, lost, outage } = report;
  const pools = listPools<PoolSummary>(report);
  const main = mainOf<PoolSummary>(report);
  const mainName = pools[0]?.[0];
  const rows: (readonly [string, string])[] = [
    ['database', NAMES[run.database]],
    ['profile', `${run.profile}, ${run.fullLoad}, ${run.loop.kind} loop, ${seconds(run.elapsedMs)}`],
    ['service time', `${run.serviceTimeMs.median} ms median, log-normal, while the lease is held`],
    [
      'served',
      `${whole(report.served)} of ${whole(report.sent)} (${whole((report.served * 1_000) / run.elapsedMs)} per second)`,
    ],
    ['errors', errorsText(report.errors)],
    ['latency', `p50 ${ms(report.latencyMs.p50)}, p95 ${ms(report.latencyMs.p95)}, p99 ${ms(report.latencyMs.p99)}`],
    ...pools.map(([name, { acquisitionMs }]) => [`${name} acquisition`, timesText(acquisitionMs)] as const),
    [
      `${mainName} wait`,
      `${whole(main.waitMs.count)} queued, p95 ${ms(main.waitMs.p95)}, most at once ${main.peakWaiting}`,
    ],
    [
      `${mainName} size`,
      `peak ${main.peakLeased} leased of ${main.peakMax}; grew ${main.grows} ×, shrank ${main.shrinks} ×`,
    ],
    ['dials', pools.map(([name, { dials, retries }]) => `${name} ${dials} (${retries.begun} retries)`).join(', ')],
    ['dial breaker', pools.map(([name, { breakerStates }]) => `${name} ${statesText(breakerStates)}`).join('; ')],
  ];
  if (outage !== undefined) rows.push(['outage', outageText(outage)]);
  rows.push([
    'lost',
    `${lost.unanswered} unanswered, ${lost.leasesOpen} leases open, ${lost.unhandledRejections} unhandled rejections`,
  ]);
  rows.push(['verdict', report.ok ? 'ok' : 'failed']);
  return rows.map(([name, value]) => `  ${name.padEnd(18)}${value}\n`).join('');
}

function errorsText(errors: Readonly<Record<string, number>>): string {
  const entries = Object.entries(errors);
  return entries.length === 0 ? 'none' : entries.map(([code, count]) => `${code} ${whole(count)}`).join(', ');
}

/** The states that were seen, each once, and the one at the end. */
function statesText(states: readonly string[]): string {
  const seen = [...new Set(states)];
  return seen.length === 1 ? seen.join() : `${seen.join(', ')}, ${states.at(-1)} at the end`;
}

function outageText({
  forMs,
  dials,
  failedFastMs,
  firstServedAfterHealingMs: first,
}: NonNullable<Report['outage']>): string {
  const refused =
    failedFastMs.count === 0 ? 'nothing refused' : `${whole(failedFastMs.count)} refused, p95 ${ms(failedFastMs.p95)}`;
  return `${seconds(forMs)}: ${dials} dials, ${refused}, ${first === null ? 'not served after' : `served ${ms(first)} after healing`}`;
}

function timesText({ count, p50, p95, p99 }: Times): string {
  return count === 0 ? 'none' : `p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}`;
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : whole(value)} ms`;
}

function seconds(value: number): string {
  return `${(value / 1_000).toFixed(1)} s`;
}
