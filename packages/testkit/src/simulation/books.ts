/**
 * Owns the audit at the end of a run: what the pool's counters say against what callers and the server saw.
 * It must never read anything but totals.
 */
import type { RegistryReading } from '@cryo/resilience';
import type { World } from './world.ts';

/** What does not agree once a pool is closed; `undefined` when everything does. */
export function auditBooks({ pool, ledger, simulated }: World): string | undefined {
  const reading = pool.metrics.read();
  const total = (name: string, reason?: string): number => totalOf(reading, `cryo_pool_${name}`, reason);
  const created = total('connections_created_total');
  const late = total('connections_closed_total', 'late');
  const pairs: readonly (readonly [what: string, told: number, seen: number])[] = [
    ['leases granted', total('leases_granted_total'), ledger.grantedCount],
    ['leases released', total('leases_released_total'), ledger.grantedCount],
    ['acquire times', total('acquire_ms'), ledger.grantedCount],
    ['use times', total('use_ms'), ledger.grantedCount],
    ['refusals', total('refusals_total'), ledger.refusedCount],
    ['dials', total('dial_attempts_total'), simulated.truth.dials.length],
    ['connections closed, late ones apart', total('connections_closed_total') - late, created],
  ];
  const wrong = pairs.find(([, told, seen]) => told !== seen);
  if (wrong !== undefined) return `${wrong[0]}: the metrics say ${wrong[1]}, ${wrong[2]} were seen`;
  const opened = simulated.truth.openedCount;
  return created + late > opened ? `${created} connections created and ${late} late, of ${opened} opened` : undefined;
}

function totalOf({ metrics }: RegistryReading, name: string, reason: string | undefined): number {
  let total = 0;
  for (const metric of metrics) {
    if (metric.name !== name || (reason !== undefined && metric.labels.reason !== reason)) continue;
    total += metric.kind === 'histogram' ? metric.histogram.count : metric.value;
  }
  return total;
}
