/**
 * Owns the metrics of one process or part of it: which exist, under which name and labels, and what they all read now.
 * Must never know what a metric means, nor how it is shown to anybody.
 */
import { type Clock, systemClock } from '../clock.ts';
import { describeValue } from '../errors.ts';
import { OptionCheck } from '../options.ts';
import { Counter } from './counter.ts';
import type { GaugeDefinition, Labels, MetricDefinition } from './definition.ts';
import { Gauge } from './gauge.ts';
import { Histogram, type HistogramReading } from './histogram.ts';
import { forgetPolicy, meterPolicy } from './policy-meter.ts';
import type { PolicyGauges, PolicyKind, PolicyMeter } from './policy-metrics.ts';

interface MetricIdentity {
  readonly name: string;
  readonly help: string;
  readonly unit: string | undefined;
  readonly labels: Labels;
}

/** One metric as plain data. */
export type MetricReading = MetricIdentity &
  (
    | { readonly kind: 'counter' | 'gauge'; readonly value: number }
    | { readonly kind: 'histogram'; readonly histogram: HistogramReading }
  );

/**
 * Every metric as frozen plain data, in the order of registration, which survives JSON. A 'total' counts since the registry
 * was made, a 'change' since an earlier reading; gauges are the present value in both.
 */
export interface RegistryReading {
  readonly kind: 'total' | 'change';
  /** When it was read, on the registry's clock. */
  readonly atMs: number;
  /** How long the time is that counters and histograms speak of. */
  readonly ageMs: number;
  readonly metrics: readonly MetricReading[];
}

type Kind = MetricReading['kind'];
type Metric = Counter | Gauge | Histogram;

interface Child {
  readonly identity: MetricIdentity;
  readonly metric: Metric;
}

interface Family {
  readonly kind: Kind;
  readonly help: string;
  readonly unit: string | undefined;
  readonly labelNames: string;
  readonly children: Map<string, Child>;
}

/** The totals behind each change, so that a change can itself be the starting point of the next one. */
const TOTALS_BEHIND = new WeakMap<RegistryReading, RegistryReading>();

/**
 * Makes metrics and reads them all. Asking again for the same name and labels gives the same metric; asking for the same
 * name with another kind, help, unit or other label names is a fault. Ask once and keep the metric: the asking is slow.
 */
export class Registry {
  readonly #clock: Clock;
  readonly #madeAtMs: number;
  readonly #families = new Map<string, Family>();

  constructor({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}) {
    this.#clock = clock;
    this.#madeAtMs = clock.now();
  }

  /** @throws InvalidOptionsError */
  counter(definition: MetricDefinition): Counter {
    return this.#metric('counter', definition, Counter);
  }

  /** @throws InvalidOptionsError */
  gauge(definition: GaugeDefinition): Gauge {
    const gauge = this.#metric('gauge', definition, Gauge);
    if (definition.read !== undefined) gauge.follow(definition.read);
    return gauge;
  }

  /** @throws InvalidOptionsError */
  histogram(definition: MetricDefinition): Histogram {
    return this.#metric('histogram', definition, Histogram);
  }

  /**
   * What a policy of this package counts and shows under its name: `cryo_<kind>_*`. Answers what counts one more.
   *
   * @param read what its gauges read
   */
  policyMeter<Kind extends PolicyKind>(kind: Kind, policy: string, read: PolicyGauges<Kind>): PolicyMeter<Kind> {
    return meterPolicy(this, kind, policy, read);
  }

  /** Forgets all of that, for policies that end before the registry does. */
  forgetPolicyMeter(kind: PolicyKind, policy: string): void {
    forgetPolicy(this, kind, policy);
  }

  /** Forgets one metric, for owners that end before the registry does. False when there was none. */
  remove({ name, labels = {} }: { readonly name: string; readonly labels?: Labels | undefined }): boolean {
    const family = this.#families.get(name);
    const removed = family?.children.delete(keyOf(labels)) ?? false;
    if (family?.children.size === 0) this.#families.delete(name);
    return removed;
  }

  /**
   * Reads every metric; nothing is ever reset. With `since`, an earlier reading of this registry (a total, or a change that
   * this registry made), counters and histograms are the change from then to now; a metric that reads less than it did began
   * anew, and all of it is the change. A gauge that throws or is not a finite number is left out.
   *
   * @throws InvalidOptionsError when `since` is a change that is only known as data: it does not say what it started from
   */
  read({ since }: { readonly since?: RegistryReading | undefined } = {}): RegistryReading {
    const total = this.#readTotal();
    if (since === undefined) return total;
    const earlier = TOTALS_BEHIND.get(since) ?? since;
    const check = new OptionCheck('Registry.read()');
    if (earlier.kind !== 'total')
      check.fault('since', since, 'a total, or a change read from a registry in this process');
    check.throwIfFaulty();
    const change = changeBetween(earlier, total);
    TOTALS_BEHIND.set(change, total);
    return change;
  }

  #metric<Made extends Metric>(kind: Kind, definition: MetricDefinition, Make: new () => Made): Made {
    const family = this.#family(kind, definition);
    const labels = definition.labels ?? {};
    const key = keyOf(labels);
    const known = family.children.get(key)?.metric;
    if (known instanceof Make) return known;
    const { name, help, unit } = definition;
    const metric = new Make();
    family.children.set(key, { identity: { name, help, unit, labels: Object.freeze({ ...labels }) }, metric });
    return metric;
  }

  #family(kind: Kind, definition: MetricDefinition): Family {
    const { name, help, unit, labels = {} } = definition;
    const labelNames = Object.keys(labels).sort().join(', ');
    const check = new OptionCheck(`Registry.${kind}() ${describeValue(name)}`);
    checkDefinition(check, definition);
    const known = this.#families.get(name);
    if (known !== undefined) checkAgreement(check, known, { kind, help, unit, labelNames });
    check.throwIfFaulty();
    if (known !== undefined) return known;
    const family: Family = { kind, help, unit, labelNames, children: new Map() };
    this.#families.set(name, family);
    return family;
  }

  #readTotal(): RegistryReading {
    const atMs = this.#clock.now();
    const metrics: MetricReading[] = [];
    for (const family of this.#families.values()) {
      for (const child of family.children.values()) {
        const reading = readChild(child);
        if (reading !== undefined) metrics.push(reading);
      }
    }
    return freezeReading('total', atMs, atMs - this.#madeAtMs, metrics);
  }
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function checkDefinition(check: OptionCheck, { name, help, unit, labels = {} }: MetricDefinition): void {
  if (check.type('name', name, 'string') && name === '') check.fault('name', name, 'a name');
  check.type('help', help, 'string');
  if (unit !== undefined) check.type('unit', unit, 'string');
  for (const [label, value] of Object.entries(labels)) check.type(`labels.${label}`, value, 'string');
}

function checkAgreement(check: OptionCheck, known: Family, asked: Omit<Family, 'children'>): void {
  for (const part of ['kind', 'help', 'unit', 'labelNames'] as const) {
    if (asked[part] !== known[part])
      check.fault(part, asked[part], `${describeValue(known[part])}, as it was at first`);
  }
}

function readChild({ identity, metric }: Child): MetricReading | undefined {
  if (metric instanceof Histogram) return Object.freeze({ ...identity, kind: 'histogram', histogram: metric.read() });
  const kind = metric instanceof Counter ? 'counter' : 'gauge';
  try {
    const { value } = metric;
    return Number.isFinite(value) ? Object.freeze({ ...identity, kind, value }) : undefined;
  } catch {
    return undefined;
  }
}

function changeBetween(earlier: RegistryReading, now: RegistryReading): RegistryReading {
  const before = new Map(earlier.metrics.map((metric) => [metric.name + keyOf(metric.labels), metric]));
  const changes = now.metrics.map((metric) => changeOf(metric, before.get(metric.name + keyOf(metric.labels))));
  return freezeReading('change', now.atMs, now.atMs - earlier.atMs, changes);
}

function changeOf(now: MetricReading, before: MetricReading | undefined): MetricReading {
  if (before === undefined || before.kind !== now.kind || now.kind === 'gauge') return now;
  if (now.kind === 'histogram') {
    const earlier = before.kind === 'histogram' ? Histogram.from(before.histogram) : undefined;
    return Object.freeze({ ...now, histogram: Histogram.from(now.histogram).since(earlier).read() });
  }
  const value = before.kind === 'counter' && before.value <= now.value ? now.value - before.value : now.value;
  return Object.freeze({ ...now, value });
}

function freezeReading(
  kind: RegistryReading['kind'],
  atMs: number,
  ageMs: number,
  metrics: readonly MetricReading[],
): RegistryReading {
  return Object.freeze({ kind, atMs, ageMs, metrics: Object.freeze(metrics) });
}
