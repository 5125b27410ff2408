/**
 * Owns the list of what @cryo/testkit offers.
 * It must never hold more than names.
 */
export { driverConformance } from './conformance/conformance.ts';
export type { TestRunner } from './conformance/runner.ts';
export type { Capability, DriverUnderTest, Stain } from './conformance/subject.ts';
export { ConformanceError } from './conformance/trial.ts';
export type { AlphabetName } from './simulation/alphabet.ts';
export {
  type EnumerationFailure,
  type EnumerationOptions,
  type EnumerationReport,
  enumerate,
} from './simulation/enumerate.ts';
export {
  type Replay,
  type ReplayOptions,
  replay,
  type SimulationFailure,
  type SimulationOptions,
  type SimulationReport,
  simulate,
} from './simulation/run.ts';
export { type Shrunk, shrink } from './simulation/shrink.ts';
export type { PoolMaker } from './simulation/world.ts';
