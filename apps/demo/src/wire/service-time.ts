/**
 * Owns how long one request keeps the database busy: a seeded log-normal draw.
 * It must never know what the request is.
 */
import type { Random } from '@cryo/resilience';

/** The spread of the logarithm: the slowest 1 in 100 takes about three times the median. */
const SIGMA = 0.5;

/**
 * Draws service times in ms. The standard normal comes from two uniform draws (Box and Muller, 1958).
 *
 * @param medianMs 0 for no service time at all
 */
export function serviceTimes(medianMs: number, random: Random): () => number {
  if (medianMs === 0) return () => 0;
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const normal = radius * Math.cos(2 * Math.PI * random());
    return medianMs * Math.exp(SIGMA * normal);
  };
}
