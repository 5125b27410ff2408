/**
 * Owns what the command and the processes of the tests tell each other: what is asked for, and what was tried.
 * It must never know how either comes about.
 */

/** What every property is told. */
export interface Asked {
  /** How many cases to make up and run. */
  readonly runs: number;
  /** What makes the same cases again; drawn for each property where it is missing. */
  readonly seed?: number;
}

/** What became of one property. */
export interface Tried {
  readonly cases: number;
  readonly seed: number;
  readonly tookMs: number;
}

declare module 'vitest' {
  interface ProvidedContext {
    properties: Asked;
  }
  interface TaskMeta {
    properties?: Tried[];
  }
}
