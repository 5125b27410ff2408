/**
 * Owns the slice of mysql2 that is lent and called here: its own types, and the few members that these leave out.
 * It must never know who calls it, nor what a pool is.
 */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type * as mysql2 from 'mysql2';
import type { Connection as PromiseConnection } from 'mysql2/promise';

/** What is lent: mysql2's own connection of `mysql2/promise`. It is given back through its lease, never with `end()`. */
export type MysqlConnection = PromiseConnection;

/** What a statement answers: rows or a result header, and the columns. */
export type MysqlResult<Result extends mysql2.QueryResult> = [result: Result, fields: mysql2.FieldPacket[]];

/**
 * mysql2's own configuration of a connection. `password` may be a function, also an async one; it is asked afresh for each
 * dial. Sealed texts (`sealed:v1:…`) may stand anywhere.
 */
export interface MysqlConnectionConfig extends Omit<mysql2.ConnectionOptions, 'password'> {
  /** The password, or what is asked for it at each dial. Default: none. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** Instead of `host`: several that are tried in order, beginning with the one that gave the last connection. */
  readonly hosts?: readonly MysqlHost[] | undefined;
}

/** One of several servers of which one at a time is right. */
export interface MysqlHost {
  /** A name, or an address. */
  readonly host: string;
  /** Default: the port beside the list, else 3306. */
  readonly port?: number;
}

/** Which servers will do: those that take writes, or all. */
export type MysqlTarget = 'primary' | 'any';

/** A command on its way through a connection. */
export interface MysqlCommand extends EventEmitter {
  /** Of a query, and of a statement that is executed. */
  readonly sql?: string;
  readonly statement?: { readonly query?: string };
  onResult?: ((error: unknown, ...rest: unknown[]) => void) | undefined;
}

/** A packet as it came; mysql2 uses it again for the next one. */
export interface MysqlPacket {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** mysql2's connection of the callback API, with what its type does not tell. */
export interface MysqlCore extends Omit<mysql2.Connection, 'changeUser' | 'reset'> {
  readonly stream: Socket;
  /** Every command passes here, whatever it was made by. */
  addCommand(command: MysqlCommand): MysqlCommand;
  /** Every packet of the server passes here, and nothing in the place of one when a command begins. */
  handlePacket(packet?: MysqlPacket): void;
  reset(callback?: (error: unknown) => void): unknown;
  changeUser(...given: unknown[]): unknown;
  promise(): MysqlConnection;
  /** Of a `PoolConnection`, whose own `end` gives it back to its pool. */
  _realEnd?(callback: () => void): unknown;
  readonly config: mysql2.ConnectionOptions;
}

/** What mysql2 hands over once a connection stands. */
export interface MysqlGreeting {
  readonly serverVersion?: string;
  readonly statusFlags?: number;
}

/** Where a lent connection has its core. */
export function coreOf(connection: MysqlConnection): MysqlCore {
  return (connection as MysqlConnection & { readonly connection: MysqlCore }).connection;
}

/** One host of a dial, and what begins it. */
export interface Way {
  /** As errors name it. */
  readonly address: string;
  begin(): MysqlCore;
}
