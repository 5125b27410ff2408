/**
 * Owns the words in which measurements and cases speak to every pool: a server to dial, a pool of connections to it.
 * It must never know a library, nor what is measured or asserted.
 */

/** What is pooled. A library's own object for it, where it makes one, stays inside of that library's file. */
export class Connection {
  static #made = 0;
  readonly id = ++Connection.#made;
  /** Set by the library's file where the library listens to its idle connections: the connection reports its own end. */
  broken: ((error: Error) => void) | undefined;
}

/** The far end, played by a measurement or a case. Each answer may also hang, reject or throw. */
export interface Server {
  open(connection: Connection): Promise<void>;
  /** Rejects where the connection is dead. */
  check(connection: Connection): Promise<void>;
  close(connection: Connection): Promise<void>;
}

export interface PoolPlan {
  readonly server: Server;
  readonly max: number;
  /** Default 0. */
  readonly min?: number;
  /** Idle beyond those in use, where a library can be told. Default 0. */
  readonly minIdle?: number;
  /** `as-it-comes`: the library's own default. Without it: none; where a library cannot do without, a day. */
  readonly acquireTimeoutMs?: number | 'as-it-comes';
  /** Dials at once, where a library can be told. */
  readonly dialsAtOnce?: number;
  /** `on-borrow`: every connection is checked before it is lent, as far as the library can be told. Default: as it comes. */
  readonly checks?: 'on-borrow';
  /** How a library that awaits the answer to a check is told of a failed one. Default `false`. */
  readonly failedCheck?: 'false' | 'rejected';
  /** Of a check and of a dial, where a library has such limits. */
  readonly serverTimeoutMs?: number;
}

/** Whatever a library hands out. */
export type Held = object;

export interface Pool {
  /** `signal` is heard where the library says that it can be aborted. */
  acquire(signal?: AbortSignal): Promise<Held>;
  release(held: Held): unknown;
  connectionOf(held: Held): Connection;
  /** As whoever ends a process calls it: tells waiters, waits for holders as long as the library's own limit says. */
  close(limitMs: number): Promise<unknown>;
  /** Acquires, works and releases in one call. Work that rejects is a query that the server answers with an error. */
  use?<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>;
}

export interface Subject {
  readonly name: string;
  /** An acquire can be aborted. */
  readonly canAbort?: true;
  /** Idle connections are listened to. */
  readonly hearsIdleErrors?: true;
  /** Waiting for a connection can be given a time limit. */
  readonly hasAcquireTimeout?: true;
  /** Connections can be checked before they are lent. */
  readonly checksOnBorrow?: true;
  /** Can be told of connections to keep. */
  readonly keepsSome?: true;
  /** Whoever uses the library writes the dial. */
  readonly isGivenDial?: true;
  /** The pool has `use`, or a call for one query. */
  readonly runsQueries?: true;
  start(plan: PoolPlan): Pool;
}

/** For a library that cannot wait without a limit. */
export const A_DAY_MS = 86_400_000;

/** The limit of an acquire as an option of the library, left out where the library's own default is wanted. */
export function timeLimit<Name extends string>(
  name: Name,
  { acquireTimeoutMs }: Pick<PoolPlan, 'acquireTimeoutMs'>,
  none: number,
): { readonly [Key in Name]?: number } {
  if (acquireTimeoutMs === 'as-it-comes') return {};
  return { [name]: acquireTimeoutMs ?? none } as { readonly [Key in Name]: number };
}

/** The answer to a check for a library that awaits one. */
export function answerOf(check: Promise<void>, { failedCheck }: Pick<PoolPlan, 'failedCheck'>): Promise<boolean> {
  const passed = check.then(() => true);
  return failedCheck === 'rejected' ? passed : passed.catch(() => false);
}
