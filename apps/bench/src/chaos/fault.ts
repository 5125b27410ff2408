/**
 * Owns what a fault of the matrix is: how it strikes, how it ends, and what a good pool makes of it.
 * It must never know a contender.
 */
import type { Summary } from './client/summary.ts';
import type { Scene } from './stage/stage.ts';

/** What came out of one trial. */
export interface Outcome extends Summary {
  /** The library's own count after the last operation; undefined where it has none. */
  readonly live: number | undefined;
  /** Connections on the server within a second after the last operation, as near to the library's count as they came. */
  readonly sessions: number;
}

export interface Requirement {
  /** As the table says it. */
  readonly words: string;
  isMet(outcome: Outcome, peers: readonly Outcome[]): boolean;
}

export interface ChaosFault {
  readonly name: string;
  readonly title: string;
  /** What the callers do meanwhile. Default: read. */
  readonly callers?: 'read' | 'write';
  strike(scene: Scene): Promise<void>;
  /** Missing: over as soon as it has struck. */
  heal?(scene: Scene): Promise<void>;
  readonly required: readonly Requirement[];
}

/** Promised under every fault. */
export const ALWAYS: readonly Requirement[] = [
  { words: '0 hung', isMet: ({ hung }) => hung === 0 },
  { words: '0 unhandled', isMet: ({ unhandled }) => unhandled.length === 0 },
  { words: 'as many connections on the server as the pool says', isMet: ({ live, sessions }) => live === sessions },
  { words: 'no error later than 1.5 s after the end', isMet: ({ late }) => late === 0 },
];

export function failedAtMost(most: number): Requirement {
  return { words: `≤ ${most} failed`, isMet: ({ failed }) => failed <= most };
}

export function dialsAtMost(most: number): Requirement {
  return { words: `≤ ${most} dials`, isMet: ({ dials }) => dials <= most };
}

export function recoveredWithin(mostMs: number): Requirement {
  return {
    words: `first success ≤ ${mostMs} ms`,
    isMet: ({ recoveryMs }) => recoveryMs !== undefined && recoveryMs <= mostMs,
  };
}

export function refusedWithin(mostMs: number): Requirement {
  return {
    words: `refused in ≤ ${mostMs} ms`,
    isMet: ({ refusalMs }) => refusalMs !== undefined && refusalMs <= mostMs,
  };
}

export const NO_LONGER_THAN_PEERS: Requirement = {
  words: 'longest ≤ the best peer’s',
  isMet: ({ longestMs }, peers) => longestMs <= Math.min(...peers.map((peer) => peer.longestMs)),
};
