/**
 * Owns what a measurement on a real server asks of a pool: run a statement with its values, end.
 * It must never know a library.
 */
import type { TestServer } from '@cryo/testkit/servers';

/** Of every pool. */
export const CONNECTIONS = 10;

/** Armed for every request where a pool has it, and never reached. */
export const NEVER_REACHED_MS = 30_000;

export interface ServerPool {
  query(sql: string, values: readonly unknown[]): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface ServerSubject {
  readonly name: string;
  start(server: TestServer): Promise<ServerPool>;
}
