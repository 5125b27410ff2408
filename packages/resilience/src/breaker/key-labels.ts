/**
 * Owns which keys have metrics of their own, so that their number stays bounded; all others share one set.
 * Must never know what is measured.
 */
import type { Counter } from '../metrics/counter.ts';
import type { GaugeDefinition, Labels, MetricDefinition } from '../metrics/definition.ts';
import type { Gauge } from '../metrics/gauge.ts';
import type { Histogram } from '../metrics/histogram.ts';
import { Registry } from '../metrics/registry.ts';

/** What the key of everything without metrics of its own is called. A key of that very name has none of its own either. */
const OTHER = 'other';

/** What the labels are made of. */
export interface KeyLabelsOptions {
  readonly registry: Registry;
  /** What stands before each key in the label: `hosts/api.example.com`. */
  readonly name: string;
  /** The most keys that have metrics of their own. */
  readonly metricKeys: number;
  /** What a gauge of the shared set reads. */
  readonly readOther: (labels: Labels) => number;
}

/** Gives each key the registry for its breaker, and takes the metrics of a key back when the key goes. */
export class KeyLabels {
  readonly #options: KeyLabelsOptions;
  readonly #own = new Map<string, LabelledRegistry>();
  readonly #other: LabelledRegistry;

  constructor(options: KeyLabelsOptions) {
    const { registry, name, readOther } = options;
    this.#options = options;
    this.#other = new LabelledRegistry(registry, `${name}/${OTHER}`, readOther);
  }

  registryFor(key: string): Registry {
    const { registry, name, metricKeys } = this.#options;
    if (key === OTHER || this.#own.size >= metricKeys) return this.#other;
    const own = new LabelledRegistry(registry, `${name}/${key}`);
    this.#own.set(key, own);
    return own;
  }

  isOther(key: string): boolean {
    return !this.#own.has(key);
  }

  forget(key: string): void {
    for (const definition of this.#own.get(key)?.made ?? []) this.#options.registry.remove(definition);
    this.#own.delete(key);
  }
}

/** A registry that makes everything in another one, under a `breaker` label of its own, and remembers what it made. */
class LabelledRegistry extends Registry {
  readonly made: MetricDefinition[] = [];
  readonly #target: Registry;
  readonly #label: string;
  readonly #read: KeyLabelsOptions['readOther'] | undefined;

  constructor(target: Registry, label: string, read?: KeyLabelsOptions['readOther']) {
    super();
    this.#target = target;
    this.#label = label;
    this.#read = read;
  }

  override counter(definition: MetricDefinition): Counter {
    return this.#target.counter(this.#labelled(definition));
  }

  override gauge(definition: GaugeDefinition): Gauge {
    const read = this.#read;
    const labelled = this.#labelled(definition);
    return this.#target.gauge(read === undefined ? labelled : { ...labelled, read: () => read(labelled.labels) });
  }

  override histogram(definition: MetricDefinition): Histogram {
    return this.#target.histogram(this.#labelled(definition));
  }

  #labelled<Definition extends MetricDefinition>(definition: Definition): Definition & { readonly labels: Labels } {
    const labelled = { ...definition, labels: { ...definition.labels, breaker: this.#label } };
    if (this.#read === undefined) this.made.push(labelled);
    return labelled;
  }
}
