/**
 * Owns what a case is: one sentence about a driver, what it takes to ask for it, and how.
 * It must never know which cases there are.
 */
import type { Capability } from './subject.ts';
import type { Trial } from './trial.ts';

export interface ConformanceCase {
  /** The short name by which a case is spoken of. */
  readonly id: string;
  readonly sentence: string;
  readonly needs?: readonly Capability[];
  readonly run: <Connection>(trial: Trial<Connection>) => Promise<void>;
}
