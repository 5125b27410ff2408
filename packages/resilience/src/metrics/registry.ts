/**
 * Owns the metrics of one process or part of it: which exist, under which name and labels, and what they all read now.
 * Must never know what a metric means, nor how it is shown to anybody.
 */
import { type Clock, systemClock } from '../clock.ts';
import { carefully, describeValue, type OptionFault } from '../errors.ts';
import { checkOptions, each, faultsOf, group, must, readOption, throwFaults } from '../option-rules.ts';
import { CLOCK } from '../parts.ts';
import { Counter } from './counter.ts';
import type { GaugeDefinition, Labels, MetricDefinition } from './definition.ts';
import { Gauge } from './gauge.ts';
import { Histogram } from './histogram.ts';
import { forgetPolicy, meterPolicy } from './policy-meter.ts';
import type { PolicyGauges, PolicyKind, PolicyMeter } from './policy-metrics.ts';
import type { MetricIdentity, MetricReading, RegistryReading } from './reading.ts';

/** What a metric is: a total, a present value, or a distribution. */
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

/** A reading as data is one that this was made from: it has to tell what it started from. */
const SINCE = /* @__PURE__ */ must(
  (since) => TOTALS_BEHIND.has(Object(since)) || carefully(() => isTotal(since as RegistryReading), false),
  'a total, or a change read from a registry in this process',
);
/** The names that Prometheus takes; it keeps those of labels that begin with two underscores for itself. */
const NAME = /* @__PURE__ */ must(
  (name) => typeof name === 'string' && /^[a-z_]\w*$/i.test(name),
  'letters, digits and _, no digit first',
);
const LABELS = /* @__PURE__ */ each((path, value) => {
  if (/^\w*\.(?!__)[a-z_]\w*$/i.test(path)) return faultsOf('string', path, value);
  return [{ path, value, expected: 'a label of letters, digits and _, no digit or __ first' }];
});
const DEFINITION = { name: NAME, help: 'string', unit: 'string', labels: LABELS } as const;
const GAUGE = { ...DEFINITION, read: 'function' } as const;

/**
 * Makes metrics and reads them all. Asking again for the same name and labels gives the same metric; asking for the same
 * name with another kind, help, unit or other label names is a fault. Ask once and keep the metric: the asking is slow.
 */
export class Registry {
  readonly #clock: Clock;
  readonly #madeAtMs: number;
  readonly #families = new Map<string, Family>();

  /**
   * A registry with no metric yet. Its readings are dated by the clock; default `systemClock`.
   *
   * @throws InvalidOptionsError listing every fault
   */
  constructor(options: { readonly clock?: Clock | undefined } = {}) {
    const { clock } = checkOptions('Registry', options, { clock: CLOCK }, [], { clock: systemClock });
    this.#clock = clock;
    this.#madeAtMs = clock.now();
  }

  /**
   * The counter of that name and these labels: the one there is, or a new one at 0.
   *
   * @throws InvalidOptionsError listing every fault, also where the name is taken for something else
   */
  counter(definition: MetricDefinition): Counter {
    return this.#metric('counter', definition, Counter);
  }

  /**
   * The gauge of that name and these labels: the one there is, or a new one at 0. With `read` it follows that from now on.
   *
   * @throws InvalidOptionsError listing every fault, also where the name is taken for something else
   */
  gauge(definition: GaugeDefinition): Gauge {
    const gauge = this.#metric('gauge', definition, Gauge);
    if (definition.read !== undefined) gauge.follow(definition.read);
    return gauge;
  }

  /**
   * The histogram of that name and these labels: the one there is, or a new one with nothing recorded.
   *
   * @throws InvalidOptionsError listing every fault, also where the name is taken for something else
   */
  histogram(definition: MetricDefinition): Histogram {
    return this.#metric('histogram', definition, Histogram);
  }

  /**
   * What a policy of this package counts and shows under its name: `cryo_<kind>_*`. Answers what counts one more. Two of one
   * kind and name share it all: what they count adds up, and a gauge reads the newer one alone.
   *
   * @param read what its gauges read
   */
  policyMeter<Kind extends PolicyKind>(kind: Kind, policy: string, read: PolicyGauges<Kind>): PolicyMeter<Kind> {
    return meterPolicy(this, kind, policy, read);
  }

  /** Forgets all of that, whoever shares it, for policies that end before the registry does. */
  forgetPolicyMeter(kind: PolicyKind, policy: string): void {
    forgetPolicy(this, kind, policy);
  }

  /**
   * Forgets one metric, for owners that end before the registry does. False when there was none.
   *
   * @throws InvalidOptionsError listing every fault
   */
  remove(metric: { readonly name: string; readonly labels?: Labels | undefined }): boolean {
    const { name, labels } = checkOptions('Registry.remove()', metric, GAUGE, ['name'], { labels: {} });
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
  read(options: { readonly since?: RegistryReading | undefined } = {}): RegistryReading {
    const { since } = checkOptions('Registry.read()', options, { since: SINCE });
    const total = this.#readTotal();
    if (since === undefined) return total;
    const earlier = TOTALS_BEHIND.get(since) ?? since;
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
    checkDefinition(kind, definition);
    const { name, help, unit, labels = {} } = definition;
    const labelNames = Object.keys(labels).sort().join(', ');
    const known = this.#families.get(name);
    if (known !== undefined) checkAgreement(name, known, { kind, help, unit, labelNames });
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

/** Throws, or says no, where a change could not be told from it: it may come from anywhere. */
function isTotal({ kind, atMs, metrics }: RegistryReading): boolean {
  return kind === 'total' && Number.isFinite(atMs) && metrics.every(isReading);
}

function isReading(metric: MetricReading): boolean {
  const faults = [...faultsOf('string', '', metric.name), ...faultsOf(LABELS, '', metric.labels)];
  const amount = metric.kind === 'histogram' ? Histogram.from(metric.histogram).count : metric.value;
  return faults.length === 0 && Number.isFinite(amount);
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function checkDefinition(kind: Kind, definition: MetricDefinition): void {
  const subject = `Registry.${kind}() ${describeValue(readOption(definition, 'name'))}`;
  throwFaults(subject, faultsOf(group(kind === 'gauge' ? GAUGE : DEFINITION, ['name', 'help']), '', definition));
}

function checkAgreement(name: string, known: Family, asked: Omit<Family, 'children'>): void {
  const parts = ['kind', 'help', 'unit', 'labelNames'] as const;
  const faults = parts
    .filter((part) => asked[part] !== known[part])
    .map((part): OptionFault => {
      return { path: part, value: asked[part], expected: `${describeValue(known[part])}, as it was at first` };
    });
  throwFaults(`Registry.${asked.kind}() ${describeValue(name)}`, faults);
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
