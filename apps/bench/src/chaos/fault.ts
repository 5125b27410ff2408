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
  /** How long after its end errors may still come of it. Default: 1.5 s. */
  readonly aftermathMs?: number;
  /** Missing: over as soon as it has struck. */
  heal?(scene: Scene): Promise<void>;
  readonly required: readonly Requirement[];
}

/** Promised under every fault. */
export const ALWAYS: readonly Requirement[] = [
  { words: '0 hung', isMet: ({ hung }) => hung === 0 },
  { words: '0 unhandled', isMet: ({ unhandled }) => unhandled.length === 0 },
  {
    words: 'as many connections on the server as the pool says',
    isMet: ({ live, sessions }) => live === undefined || live === sessions,
  },
  { words: 'no late error', isMet: ({ late }) => late === 0 },
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

/** Figures of one run differ by as much without a reason. */
const NOISE = 1.05;

/** Held against those that lend a connection to as many callers at a time. */
export const NO_LONGER_THAN_PEERS: Requirement = {
  words: 'longest ≤ the best peer’s',
  isMet: ({ longestMs }, peers) => longestMs <= NOISE * Math.min(...peers.map((peer) => peer.longestMs)),
};
