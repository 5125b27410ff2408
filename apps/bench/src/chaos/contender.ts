/**
 * Owns what a trial asks of a pool, whoever made it: run a statement, say what it holds, end.
 * It must never know a library, nor what is done to the network.
 */

export type Database = 'postgres' | 'mariadb';

/** What every contender is given, and turns into its own options. */
export interface Ground {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** The password that is right now. A library that takes a value only is given the one of the start. */
  password(): string;
  /** Whether the statements write, for libraries that can ask for a server that takes writes. */
  readonly writes: boolean;
}

/** The same for all: connections, time for one operation on its connection, time to wait for one, time to dial. */
export const LIMITS = { max: 20, operationMs: 2_000, acquireMs: 20_000, dialMs: 10_000 } as const;

export interface Contender {
  /** Runs one statement within its deadline. Calls `leased` once it has a connection, where the library says so. */
  run(sql: string, leased: () => void): Promise<unknown>;
  /** The library's own count of its connections, without dials where it tells them apart; undefined where it has none. */
  live(): number | undefined;
  close(): Promise<unknown>;
}

export interface ContenderKind {
  readonly name: string;
  readonly database: Database;
  /** How it is set up, for the reader of the figures. */
  readonly setUp: string;
  /** Whether `run` calls `leased`; otherwise an operation may take the time to wait and its own time together. */
  readonly tellsLeases: boolean;
  /** Whether a connection serves one caller at a time, or several whose statements follow each other without waiting. */
  readonly lending: 'exclusive' | 'shared';
  start(ground: Ground): Promise<Contender>;
}
