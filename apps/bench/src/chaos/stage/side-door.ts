/**
 * Owns what is done to a server behind the callers' backs, and what is asked of it there.
 * It must never know a contender.
 */

/** Who the callers are on the server; they may read and write, and nothing else. */
export const CALLER = { user: 'caller', password: 'first-ice' } as const;

/** Goes to the server itself, past the proxy, as the one who may do everything. */
export interface SideDoor {
  /** Makes the caller and a table to write to. */
  prepare(): Promise<void>;
  /** How many connections of the callers stand. */
  sessions(): Promise<number>;
  endSessions(): Promise<void>;
  setPassword(password: string): Promise<void>;
  /** So many connections of callers fit; undefined takes the bound away. */
  limitSessions(most: number | undefined): Promise<void>;
  setMode(mode: 'writable' | 'read-only'): Promise<void>;
}
