/**
 * Owns the audit at the end of a run: what the pool's counters say against what callers and the server saw.
 * It must never read anything but totals.
 */
import type { RegistryReading } from '@cryo/resilience';
import type { World } from './world.ts';

type Pair = readonly [what: string, told: number, seen: number];

/** Sums of many fractions, added in another order, may differ by so little; in ms. */
const NOTHING = 1e-6;

/** What does not agree once a pool is closed; `undefined` when everything does. */
export function auditBooks(world: World): string | undefined {
  const { pool, ledger, simulated } = world;
  const reading = pool.metrics.read();
  const total = (name: string, reason?: string): number => totalOf(reading, `cryo_pool_${name}`, reason);
  const created = total('connections_created_total');
  const late = total('connections_closed_total', 'late');
  const pairs: readonly Pair[] = [
    ['leases granted', total('leases_granted_total'), ledger.grantedCount],
    ['leases released', total('leases_released_total'), ledger.grantedCount],
    ['acquire times', total('acquire_ms'), ledger.grantedCount],
    ['use times', total('use_ms'), ledger.grantedCount],
    ['refusals', total('refusals_total'), ledger.refusedCount],
    ['dials', total('dial_attempts_total'), simulated.truth.dials.length],
    ['connections closed, late ones apart', total('connections_closed_total') - late, created],
  ];
  const wrong = [...pairs, ...times(world, reading)].find(([, told, seen]) => !(Math.abs(told - seen) <= NOTHING));
  if (wrong !== undefined) return `${wrong[0]}: the metrics say ${wrong[1]}, ${wrong[2]} were seen`;
  const opened = simulated.truth.openedCount;
  return created + late > opened ? `${created} connections created and ${late} late, of ${opened} opened` : undefined;
}

/** How long all leases were waited for and held, in ms. When a lease ended whose connection was ended under it, only the pool knows. */
function times({ pool, ledger }: World, reading: RegistryReading): readonly Pair[] {
  const waited: Pair = ['ms waited', sumOf(reading, 'cryo_pool_wait_ms'), ledger.waitedMs];
  if (ledger.lateReleases > 0) return [waited];
  return [
    waited,
    ['ms held', sumOf(reading, 'cryo_pool_use_ms'), ledger.heldMs],
    ['ms leased', pool.snapshot().leasedTimeMs, ledger.heldMs],
  ];
}

function sumOf({ metrics }: RegistryReading, name: string): number {
  let sum = 0;
  for (const metric of metrics) if (metric.name === name && metric.kind === 'histogram') sum += metric.histogram.sum;
  return sum;
}

function totalOf({ metrics }: RegistryReading, name: string, reason: string | undefined): number {
  let total = 0;
  for (const metric of metrics) {
    if (metric.name !== name || (reason !== undefined && metric.labels.reason !== reason)) continue;
    total += metric.kind === 'histogram' ? metric.histogram.count : metric.value;
  }
  return total;
}
