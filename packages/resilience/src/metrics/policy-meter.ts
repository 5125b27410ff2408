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

/** Where metrics are made, and forgotten. */
interface Maker {
  counter(definition: MetricDefinition): Counter;
  gauge(definition: GaugeDefinition): unknown;
  remove(definition: MetricDefinition): unknown;
}

/** Every counter exists from the start, so that a rate over any of them has no gaps. */
export function meterPolicy<Kind extends PolicyKind>(
  registry: Maker,
  kind: Kind,
  policy: string,
  read: PolicyGauges<Kind>,
): PolicyMeter<Kind> {
  const meters = new Map<string, Counter>();
  const readers: Readonly<Record<string, (value: string) => number>> = read;
  for (const { family, value, isGauge, metric } of membersOf(kind, policy)) {
    if (isGauge) registry.gauge({ ...metric, read: () => readers[family]?.(value ?? '') ?? 0 });
    else meters.set(value ?? family, registry.counter(metric));
  }
  return (what) => meters.get(what as string)?.add();
}

/** For policies that end before the registry does. */
export function forgetPolicy(registry: Maker, kind: PolicyKind, policy: string): void {
  for (const { metric } of membersOf(kind, policy)) registry.remove(metric);
}

interface Member {
  readonly family: string;
  readonly value: string | undefined;
  readonly isGauge: boolean;
  readonly metric: MetricDefinition;
}

function membersOf(kind: PolicyKind, policy: string): readonly Member[] {
  const { label, counters, gauges }: PolicyFamilies = POLICY_METRICS[kind];
  const labels = { [label]: policy };
  const members = (families: Readonly<Record<string, MetricFamily>>, isGauge: boolean): Member[] =>
    Object.entries(families).flatMap(([family, { help, by = '', values = [undefined] }]) =>
      values.map((value) => {
        const name = `cryo_${kind}_${family}${isGauge ? '' : '_total'}`;
        const metric = { name, help, labels: value === undefined ? labels : { ...labels, [by]: value } };
        return { family, value, isGauge, metric };
      }),
    );
  return [...members(counters, false), ...members(gauges, true)];
}
