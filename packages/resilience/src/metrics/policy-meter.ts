/**
 * Owns the making of what a policy counts and shows, in a registry.
 * Must never know any policy, nor when anything is counted.
 */
import type { Counter } from './counter.ts';
import type { GaugeDefinition, MetricDefinition } from './definition.ts';
import {
  type MetricFamily,
  POLICY_METRICS,
  type PolicyFamilies,
  type PolicyGauges,
  type PolicyKind,
  type PolicyMeter,
} from './policy-metrics.ts';

/** What makes metrics. */
interface Maker {
  counter(definition: MetricDefinition): Counter;
  gauge(definition: GaugeDefinition): unknown;
}

/** Every counter exists from the start, so that a rate over any of them has no gaps. */
export function meterPolicy<Kind extends PolicyKind>(
  registry: Maker,
  kind: Kind,
  policy: string,
  read: PolicyGauges<Kind>,
): PolicyMeter<Kind> {
  const { label, counters, gauges }: PolicyFamilies = POLICY_METRICS[kind];
  const labels = { [label]: policy };
  const meters = new Map<string, Counter>();
  for (const [family, definition] of Object.entries(counters)) {
    for (const [value, metric] of membersOf(`cryo_${kind}_${family}_total`, definition, labels)) {
      meters.set(value ?? family, registry.counter(metric));
    }
  }
  const readers: Readonly<Record<string, (value: string) => number>> = read;
  for (const [family, definition] of Object.entries(gauges)) {
    for (const [value = '', metric] of membersOf(`cryo_${kind}_${family}`, definition, labels)) {
      registry.gauge({ ...metric, read: () => readers[family]?.(value) ?? 0 });
    }
  }
  return (what) => meters.get(what as string)?.add();
}

function membersOf(
  name: string,
  { help, by, values }: MetricFamily,
  labels: Readonly<Record<string, string>>,
): [value: string | undefined, metric: MetricDefinition][] {
  if (by === undefined || values === undefined) return [[undefined, { name, help, labels }]];
  return values.map((value) => [value, { name, help, labels: { ...labels, [by]: value } }]);
}
