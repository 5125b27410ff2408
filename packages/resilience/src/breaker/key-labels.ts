/**
 * Owns which keys have metrics of their own, so that their number stays bounded; all others share one set.
 * Must never know what is measured.
 */
import type { MeterMaker } from '../metrics/policy-metrics.ts';
import type { Registry } from '../metrics/registry.ts';

/** What the key of everything without metrics of its own is called. A key of that very name has none of its own either. */
const OTHER = 'other';

/** What the labels are made of. */
export interface KeyLabelsOptions {
  readonly registry: Registry;
  /** What stands before each key in the label: `hosts/api.example.com`. */
  readonly name: string;
  /** The most keys that have metrics of their own. */
  readonly metricKeys: number;
  /** What the gauge of a state reads in the shared set. */
  readonly readOther: (state: string) => number;
}

/** Gives each key the registry for its breaker, and takes the metrics of a key back when the key goes. */
export class KeyLabels {
  readonly #options: KeyLabelsOptions;
  readonly #own = new Set<string>();
  readonly #other: MeterMaker<'breaker'>;

  constructor(options: KeyLabelsOptions) {
    const { registry, name, readOther } = options;
    this.#options = options;
    this.#other = {
      policyMeter: (kind) => registry.policyMeter(kind, `${name}/${OTHER}`, { state: readOther }),
    };
  }

  registryFor(key: string): MeterMaker<'breaker'> {
    if (key === OTHER || this.#own.size >= this.#options.metricKeys) return this.#other;
    this.#own.add(key);
    return this.#options.registry;
  }

  isOther(key: string): boolean {
    return !this.#own.has(key);
  }

  forget(key: string): void {
    const { registry, name } = this.#options;
    if (this.#own.delete(key)) registry.forgetPolicyMeter('breaker', `${name}/${key}`);
  }
}
