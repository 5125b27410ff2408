/**
 * Owns what a scenario of the pools is: what is measured of which pools, in which processes, and how much it may cost.
 * It must never know a library.
 */
import type { Measured, RawResult } from '../measure/result.ts';
import type { Subject } from './subject.ts';
import type { SubjectName } from './subjects.ts';

/** One row of a table. Times that are told as ratios are compared with the bare pool in the same round. */
export type PoolRow = Omit<Measured, 'name'>;

export interface PoolScenario {
  readonly name: string;
  /** What comes of one run. */
  readonly rows: readonly PoolRow[];
  /** Those of one group share a process, and take turns where that is of use. */
  readonly groups: readonly (readonly SubjectName[])[];
  /** How often every group is run, each time in a new process. Default once. */
  readonly repeated?: number;
  /** Flags for Node itself. */
  readonly flags?: readonly string[];
  /** Figures for each row, in their order. */
  measure(subjects: readonly Subject[], rounds: number): Promise<readonly RawResult[]>;
}

export const EACH_ALONE: readonly (readonly SubjectName[])[] = [
  ...['bare', 'cryo', 'lightning-pool', 'generic-pool', 'pg-pool', 'tarn'],
  ...['sequelize-pool', 'mysql2', 'mariadb'],
].map((name) => [name as SubjectName]);

/** Each with the reference alone: whoever else takes turns spoils their caches, and ours cost up to 6 % more beside it. */
export const EACH_BESIDE_BARE: readonly (readonly SubjectName[])[] = EACH_ALONE.slice(1).map((group) => [
  'bare',
  ...group,
]);

export const CONNECTIONS = 10;

/** Armed for every request, and never reached. */
export const NEVER_REACHED_MS = 30_000;
