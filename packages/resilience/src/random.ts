/**
 * Owns chance: the type that everything random takes as a parameter, and the real source.
 * Must never know what a draw decides.
 */

/** A draw from [0, 1), evenly distributed. */
export type Random = () => number;

/** The platform's own source. Not for secrets. */
export const systemRandom: Random = () => Math.random();
