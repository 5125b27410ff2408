/**
 * Owns the arithmetic of a measurement: quantiles, and ratios taken round by round.
 * It must never know what was measured.
 */

/** The middle of many rounds, and the quartiles on both sides of it. */
export interface Spread {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/** The value below which a share of all values lies, interpolated between neighbours; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function spreadOf(values: readonly number[]): Spread {
  return { lower: quantile(values, 0.25), median: quantile(values, 0.5), upper: quantile(values, 0.75) };
}

/** Each value over the reference of its own round. A noisy neighbour who slows a whole round cancels out. */
export function ratiosByRound(values: readonly number[], references: readonly number[]): readonly number[] {
  if (values.length !== references.length) {
    throw new RangeError(`${values.length} rounds cannot be compared with ${references.length}`);
  }
  return values.map((value, round) => value / (references[round] as number));
}
