/**
 * Owns what one measurement under load is told and answers; plain data, since it has a process of its own.
 * It must never know how anything is measured.
 */
import type { Database } from '../chaos/contender.ts';

export interface LoadOrder {
  readonly database: Database;
  readonly contender: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Name of the database on the server. */
  readonly schema: string;
  readonly sql: string;
  readonly workers: number;
  readonly phaseMs: number;
}

/** Times in ms. */
export interface Acquisition {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly longest: number;
  /** All but one of a hundred arrivals came no later than this after their time. */
  readonly late: number;
}

export interface LoadResult {
  /** Operations per second with all workers asking without a pause. */
  readonly capacity: number;
  /** Median wait of the closed loop over (workers / connections - 1) × the median hold; undefined when nobody has to wait. */
  readonly waitRatio: number | undefined;
  /** At 60 % of the capacity, arrivals at random. */
  readonly open: Acquisition;
  readonly operations: number;
  readonly failed: number;
}
