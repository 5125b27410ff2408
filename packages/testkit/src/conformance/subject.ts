/**
 * Owns what the author of a driver gives the suite: the driver, and hands to reach its server with.
 * It must never know what is done with them.
 */
import type { Driver } from '@cryo/pool-core';

/** One kind of session state: how a caller leaves it behind, and how to see it. */
export interface Stain<Connection> {
  /** Leaves the state on the session, as a careless caller does. */
  leave(connection: Connection): Promise<unknown>;
  /** What of it the session shows; compared as JSON with what it showed before. */
  inspect(connection: Connection): Promise<unknown>;
}

/**
 * The driver under test and its server. Only `createDriver` and `use` are needed; every other hand opens further cases, and
 * what is not given is left out and said so.
 */
export interface DriverUnderTest<Connection> {
  /** What the driver is called in the names of the cases. */
  readonly name: string;
  /** A driver for a server that works. Asked anew by each case. */
  createDriver(): Driver<Connection>;
  /** One round trip, as a caller would make it; rejects when the connection does not work. */
  use(connection: Connection): Promise<unknown>;
  /** Ends a connection from the far side, so that both ends could know. Resolves once the server has done so. */
  readonly breakConnection?: (connection: Connection) => Promise<unknown>;
  /** From now on nothing comes back on this connection, and it stays open. The answer lets everything through again. */
  readonly silence?: (connection: Connection) => Promise<() => unknown>;
  /** How many connections the server has from this test. */
  readonly countConnections?: () => Promise<number>;
  /** Kinds of session state by name, for instance `an open transaction`. */
  readonly stains?: Readonly<Record<string, Stain<Connection>>>;
  /** A statement that fails by the caller's own fault and leaves the connection whole. */
  readonly failStatement?: (connection: Connection) => Promise<unknown>;
  /** A driver for an address where nobody listens. */
  readonly createUnreachable?: () => Driver<Connection>;
  /** A driver for a server that accepts connections and says nothing. */
  readonly createSilent?: () => Driver<Connection>;
  /** A driver whose credentials, or whose database, the server refuses. */
  readonly createMisconfigured?: () => Driver<Connection>;
  /** Passwords and the like that the drivers above were made with: nothing that is shown may hold one. */
  readonly secrets?: readonly string[];
  /** Why something is not given or not in the driver, by its name: shown beside the cases that it would open. */
  readonly without?: Readonly<Partial<Record<Capability, string>>>;
  /** How long the suite waits for anything, in ms. Default 2000. */
  readonly limitMs?: number;
}

/** What a case may need: a hand of the author, or an optional call of the driver. */
export type Capability = (typeof HANDS)[number] | (typeof OPTIONAL_CALLS)[number];

/** What an author may give beyond what is needed. */
export const HANDS = [
  'breakConnection',
  'silence',
  'countConnections',
  'stains',
  'failStatement',
  'createUnreachable',
  'createSilent',
  'createMisconfigured',
  'secrets',
] as const;

const OPTIONAL_CALLS = ['watch', 'reset', 'classify', 'ref'] as const;

/** Why a case that needs these is left out; `undefined` when nothing is missing. */
export function missing<Connection>(
  subject: DriverUnderTest<Connection>,
  driver: Driver<Connection>,
  needs: readonly Capability[],
): string | undefined {
  const absent = needs.find((name) => (isHand(name) ? subject[name] : driver[name]) === undefined);
  if (absent === undefined) return undefined;
  return subject.without?.[absent] ?? (isHand(absent) ? `${absent} is not given` : `the driver has no ${absent}()`);
}

function isHand(name: Capability): name is (typeof HANDS)[number] {
  return (HANDS as readonly string[]).includes(name);
}
