/**
 * Owns the words between a test and the supervisor of its server.
 * It must never know what either does with them.
 */
import type { ProgramOptions } from './program.ts';

/** Which program a server is. */
export type ServerKind = 'postgres' | 'mariadb';

type Verb =
  | { readonly verb: 'prepare'; readonly kind: ServerKind; readonly options: ProgramOptions }
  | { readonly verb: 'start' | 'stop' | 'kill' | 'freeze' | 'thaw' };

export type Order = { readonly id: number } & Verb;

/** Without `error`: done. */
export interface Reply {
  readonly id: number;
  readonly error?: string;
}

export type { Verb };
