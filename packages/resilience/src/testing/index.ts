/**
 * Owns the list of what @cryo/resilience offers to tests and simulations.
 * Must never know anything that a running service needs.
 */
export { type SeededRandom, seededRandom } from './seeded-random.ts';
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.ts';
