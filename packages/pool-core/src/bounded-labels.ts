/**
 * Owns which values of a label have a meter of their own, so that their number stays bounded; all others share one.
 * It must never know what is measured.
 */

/** What the shared meter is called. A value of that very name has none of its own either. */
const OTHER = 'other';

/** The first values that come get meters of their own; one that is forgotten makes room for the next. */
export class BoundedLabels<Meter> {
  readonly #most: number;
  readonly #make: (value: string) => Meter;
  readonly #own = new Map<string, Meter>();
  #other: Meter | undefined;

  constructor(most: number, make: (value: string) => Meter) {
    this.#most = most;
    this.#make = make;
  }

  of(value: string): Meter {
    const known = this.#own.get(value);
    if (known !== undefined) return known;
    if (value === OTHER || this.#own.size >= this.#most) {
      this.#other ??= this.#make(OTHER);
      return this.#other;
    }
    const made = this.#make(value);
    this.#own.set(value, made);
    return made;
  }

  /** Whether the value had a meter of its own, which is gone now. */
  forget(value: string): boolean {
    return this.#own.delete(value);
  }
}
