/**
 * Owns what has to be said of a metric for it to be made.
 * Must never know how one is kept, nor read.
 */

/**
 * Names and values that tell the metrics of one name apart. A name is letters, digits and `_`, and begins with no digit and no
 * `__`; a value is any text.
 */
export type Labels = Readonly<Record<string, string>>;

/** What a metric is. Name, help, unit and the names of the labels are the same for every metric of that name. */
export interface MetricDefinition {
  /** As exporters show it: letters, digits and `_`, no digit first, its unit or `_total` at the end. */
  readonly name: string;
  /** One sentence that says what it tells. */
  readonly help: string;
  /** The unit of the values: 'ms', 'connections'. Undefined for plain counts. */
  readonly unit?: string | undefined;
  /** What tells this metric from the others of its name. Default: none. */
  readonly labels?: Labels | undefined;
}

/** A gauge may be read through a function whenever the registry is read; registered again, the newer function is read. */
export interface GaugeDefinition extends MetricDefinition {
  /** Asked whenever the registry is read. One that throws, or answers no finite number, is left out of that reading. */
  readonly read?: (() => number) | undefined;
}
