/**
 * Owns the process of one measurement: one pool, warmed up, then both loops.
 * It must never know what is required.
 */
import { LIMITS } from '../chaos/contender.ts';
import { contenderNamed } from '../chaos/contenders.ts';
import { quantile } from '../measure/statistics.ts';
import type { LoadOrder, LoadResult } from './load-order.ts';
import { type Phase, Phases } from './phases.ts';

const SHARE_OF_CAPACITY = 0.6;
const WARM_UP_SHARE = 0.25;

const order: LoadOrder = JSON.parse(process.argv[2] ?? '');
const { host, port, user, password, schema, sql, workers, phaseMs } = order;
const ground = { host, port, user, database: schema, password: () => password, writes: false };
const contender = await contenderNamed(order.database, order.contender).start(ground);
const phases = new Phases(contender, sql);
const warmUp = await phases.closedLoop(workers, phaseMs * WARM_UP_SHARE);
const closed = await phases.closedLoop(workers, phaseMs);
const capacity = (closed.timings.length * 1_000) / closed.durationMs;
const open = await phases.openLoop(workers, capacity * SHARE_OF_CAPACITY, phaseMs);
const waits = open.timings.map(({ waitMs }) => waitMs);
const result: LoadResult = {
  capacity,
  ...{ waitRatio: waitRatio(closed) },
  open: {
    p50: quantile(waits, 0.5),
    p95: quantile(waits, 0.95),
    p99: quantile(waits, 0.99),
    longest: quantile(waits, 1),
    late: quantile(open.lateMs, 0.99),
  },
  operations: closed.timings.length + open.timings.length,
  failed: warmUp.failed + closed.failed + open.failed,
};
process.stdout.write(JSON.stringify(result), () => process.exit());

function waitRatio({ timings }: Phase): number | undefined {
  const rounds = workers / LIMITS.max - 1;
  if (rounds <= 0) return undefined;
  const [wait, hold] = [timings.map(({ waitMs }) => waitMs), timings.map(({ holdMs }) => holdMs)];
  return quantile(wait, 0.5) / (rounds * quantile(hold, 0.5));
}
