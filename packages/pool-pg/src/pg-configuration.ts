/**
 * Owns the reading of a configuration of pg: all its parts, its address and its secrets, hidden ones too.
 * It must never know what is sealed, nor connect anywhere.
 */
import { type PgAddress, parseAddress } from './pg-address.ts';
import type { PgConnectionConfig } from './pg-types.ts';

/** A copy in which everything is enumerable: of what is hidden, pg reads password and key alone. */
export function visible(connection: string | PgConnectionConfig): PgConnectionConfig {
  if (typeof connection === 'string') return { connectionString: connection };
  const { password, connectionString, ssl } = connection;
  const tls = typeof ssl === 'object' && ssl !== null ? Object.getOwnPropertyNames(ssl) : [];
  const whole = tls.length === 0 ? ssl : Object.fromEntries(tls.map((name) => [name, Reflect.get(Object(ssl), name)]));
  return { ...connection, password, connectionString, ssl: whole };
}

/** What the connection string comes to; `undefined` for none, and for one that can't be read (yet). */
export function addressOf(connection: string | PgConnectionConfig): PgAddress | undefined {
  const text = typeof connection === 'string' ? connection : connection.connectionString;
  const address = text === undefined ? undefined : parseAddress(text);
  return address !== undefined && 'hosts' in address ? address : undefined;
}

/** What no error may show. */
export function secretsOf(connection: string | PgConnectionConfig): readonly string[] {
  const config = typeof connection === 'string' ? undefined : connection;
  const { key, pfx, passphrase } = (typeof config?.ssl === 'object' ? config.ssl : undefined) ?? {};
  const values = [config?.password, process.env.PGPASSWORD, addressOf(connection)?.password, key, pfx, passphrase];
  return values.filter((value) => typeof value === 'string' && value !== '') as string[];
}
