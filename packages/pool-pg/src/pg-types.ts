/**
 * Owns the slice of pg that is lent and called here: its own types, and the few members that these leave out.
 * It must never know who calls it, nor what a pool is.
 */
import type pg from 'pg';

/** What is lent: pg's own `Client`, connected. It is given back through its lease, never with `end()`. */
export type PgConnection = pg.Client;

/** Where a server may be. */
export interface PgHost {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  /** Default 5432. */
  readonly port?: number;
}

/** What a password is asked for, as a dial has it. */
export interface PgLogin {
  /** Who logs in. */
  readonly user?: string;
  /** Where the server is. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** The database that is asked for. */
  readonly database?: string;
}

/**
 * pg's own configuration of a client. `password` may be a function, also an async one; it is asked afresh for each dial.
 * Sealed texts (`sealed:v1:…`) may stand anywhere.
 */
export interface PgConnectionConfig extends Omit<pg.ClientConfig, 'password' | 'stream'> {
  /**
   * The password, or what is asked for it at each dial. Default: that of the environment or of `~/.pgpass`, as pg has
   * it.
   */
  readonly password?: string | ((login: PgLogin) => string | Promise<string>) | undefined;
  /** Several servers instead of `host` and `port`: a dial tries them in order, beginning with the one that worked last. */
  readonly hosts?: readonly PgHost[] | undefined;
  /** What makes the socket of a dial. Default: a `net.Socket` on Node, elsewhere pg's own. */
  readonly stream?: NonNullable<pg.ClientConfig['stream']>;
}

/** Which servers will do: those that take writes, those in recovery, or all. */
export type PgTarget = 'primary' | 'standby' | 'any';

/** What makes a client: pg's `Client`, or a class derived from it. */
export type PgClientClass = new (config?: pg.ClientConfig) => pg.Client;

/** What a client knows of itself and its type does not tell. */
export interface PgClientState {
  /** Not there on a client that is none of pg's. */
  getTransactionStatus?(): ReturnType<pg.Client['getTransactionStatus']>;
  /** Whether the server waits for the next statement. */
  readonly readyForQuery?: boolean;
  readonly _queryQueue?: readonly unknown[];
  readonly _queryable?: boolean;
  readonly _ending?: boolean;
  /** In ms; 0 for none. */
  readonly _connectionTimeoutMillis?: number;
  /** What a cancel request names its backend by; it is a secret. */
  readonly processID?: number | null;
  readonly secretKey?: number | null;
}

/** What a connection of pg's does that its type does not tell. */
export interface PgWire {
  readonly stream: PgStream;
  /** Named statements that the client takes for parsed. */
  parsedStatements?: Record<string, string>;
  connect?(port: number | string, host?: string): void;
  /** Begins to read what the server says. */
  attachListeners?(this: PgWire, stream: PgReadable): void;
  requestSsl?(): void;
  cancel?(processId: number, secretKey: number): void;
}

/** What is read from. */
export interface PgReadable {
  on(event: 'data' | 'end', listener: (chunk: Uint8Array) => void): unknown;
  removeListener(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
}

/** The socket, as far as it is called. */
export interface PgStream extends PgReadable {
  readonly destroyed?: boolean;
  /** Whether it still has to be connected. */
  readonly pending?: boolean;
  destroy(error?: Error): unknown;
  once(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  ref?(): unknown;
  unref?(): unknown;
}

/** The state behind a client. */
export function stateOf(client: PgConnection): PgClientState {
  return client as PgConnection & PgClientState;
}

/** The wire beneath a client; `undefined` for one that has none of its own, as a native one. */
export function wireOf(client: PgConnection): PgWire | undefined {
  return (client as { readonly connection?: PgWire }).connection;
}
